import { plainPath } from './plain-path.js';

/** A longer name would make a file name of more than 255 bytes once its first label gave way to `_wildcard_`. */
const LONGEST_NAME = 246;

/**
 * What Exim's `tls_certificate` says so that each connection is shown the certificate of the name that it asks for: a link
 * in `folder` by the exact name, else by the wildcard above it, else `fallback`. The client's word is looked up only when it
 * has the form of a host name, and what becomes part of a path is what the folder has, not what the client said.
 * @throws ConfigurationError UNSAFE_FILE
 */
export function eximCertificate(folder: string, fallback: string): string {
  const [links, otherwise] = [plainPath(folder), plainPath(fallback)];
  const found = (key: string, els: string): string =>
    `\${lookup{${key}}dsearch{${links}}{${links}/$value}{${els}}}`;
  const above = `_wildcard_.\${sg{$1}{\\N^[^.]+\\.\\N}{}}`;
  const isName = '{\\N^([a-z0-9-]+(?:\\.[a-z0-9-]+)+)\\.?$\\N}';
  const conditions = `{<{\${strlen:$tls_in_sni}}{${LONGEST_NAME + 1}}}{match{\${lc:$tls_in_sni}}${isName}}`;
  return `\${if and{${conditions}}{${found('$1', found(above, otherwise))}}{${otherwise}}}`;
}
