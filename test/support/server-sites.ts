import type { ServerSite, SitePair } from '../../src/core/plan/served/server-site.js';

let line = 0;

/** A site on port 80, as a server's configuration has it. */
export function aSite(
  names: readonly string[],
  documentRoot: string | null,
  more: Partial<ServerSite> = {},
): ServerSite {
  line += 1;
  const listen = { address: '0.0.0.0', port: 80, isTls: false, isDefault: false, wantsProxyHeader: false };
  return {
    server: 'nginx',
    names,
    isDefault: false,
    listens: [listen],
    certificates: [],
    documentRoot,
    file: '/f',
    line,
    ...more,
  };
}

/** A site with TLS on port 443. */
export function tlsSite(
  names: readonly string[],
  documentRoot: string | null,
  more: Partial<ServerSite> = {},
): ServerSite {
  const listen = { address: '0.0.0.0', port: 443, isTls: true, isDefault: false, wantsProxyHeader: false };
  return aSite(names, documentRoot, { listens: [listen], ...more });
}

/** A pair in the files NAME.crt and NAME.key of a folder. */
export function aPair(path: string, more: Partial<SitePair> = {}): SitePair {
  return { certificateFile: `${path}.crt`, keyFile: `${path}.key`, isVariable: false, ...more };
}
