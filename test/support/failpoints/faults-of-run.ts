import type { KeyObject, X509Certificate } from 'node:crypto';
import type { ProgramEnd } from '../started-program.js';

/** Codes that the manuals name. */
const DOCUMENTED = [0, 1, 2, 3, 75];

/** Of a run that was not killed: a documented code, and words instead of a trace. */
export function faultsOfEnd({ exitCode, stdout, stderr }: ProgramEnd): string[] {
  if (exitCode === null) return [];
  const faults: string[] = [];
  if (!DOCUMENTED.includes(exitCode)) faults.push(`exit ${exitCode}`);
  const trace = /^\s+at .+:\d+:\d+\)?$|internal error|UNFORESEEN_SYSTEM_ERROR|Unhandled|node:internal/im.exec(
    stdout + stderr,
  );
  if (trace !== null) faults.push(`it shows its inside: ${trace[0]}\n${stdout}${stderr}`);
  return faults;
}

/** A server that starts now must find a key and a certificate that belong together. */
export function faultsOfPair(
  vhost: string,
  { key, leaf }: { readonly key: KeyObject; readonly leaf: X509Certificate },
): string[] {
  return leaf.checkPrivateKey(key) ? [] : [`${vhost}: key and certificate do not belong together`];
}

/** Visitors are shown what lay there before, or what lies there now. By vhost: fingerprints. */
export function faultsOfShown(
  shown: ReadonlyMap<string, string>,
  former: ReadonlyMap<string, string>,
  installed: ReadonlyMap<string, string>,
): string[] {
  return [...shown].flatMap(([vhost, print]) =>
    print === former.get(vhost) || print === installed.get(vhost) ? [] : [`${vhost}: ${print} is served`],
  );
}
