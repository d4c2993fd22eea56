import { type AcmeProxy, PATHS } from './acme-proxy.js';

/** More than any test asks for. */
const ALWAYS = 9999;

/**
 * From now on the CA says of every order that it works on it, once its request was taken; until `lift` or `clear`. Replaces
 * the proxy's listener. @param members changed besides
 */
export function holdInProcessing(
  proxy: AcmeProxy,
  members: Readonly<Record<string, unknown>> = {},
  retryAfter?: string,
): void {
  const fault = {
    kind: 'change',
    members: { status: 'processing', certificate: undefined, ...members },
    ...(retryAfter === undefined ? {} : { retryAfter }),
  } as const;
  proxy.fault(PATHS.finalize, fault, ALWAYS);
  proxy.beforeAnswer(({ path, status }) => {
    if (path.startsWith(PATHS.finalize) && status === 200) {
      proxy.fault(path.replace(PATHS.finalize, PATHS.order), fault, ALWAYS);
    }
  });
}
