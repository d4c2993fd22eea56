import type { AcmeProxy } from './acme-proxy.js';

export interface HeldAnswers {
  /** Resolves when the CA has been asked. */
  readonly reached: Promise<void>;
  /** How often it was asked so far. */
  readonly count: () => number;
  readonly release: () => void;
}

/** The CA’s good answers to this path are held back until `release`. Replaces the proxy's listener. */
export function holdAnswers(proxy: AcmeProxy, path: string): HeldAnswers {
  let count = 0;
  let reach = (): void => undefined;
  let release = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  proxy.beforeAnswer(async (seen) => {
    if (!seen.path.startsWith(path) || (seen.status ?? 500) >= 300) return;
    count += 1;
    reach();
    await released;
  });
  return { reached, count: () => count, release };
}
