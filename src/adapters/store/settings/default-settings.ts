import type { CheckedSettings } from './settings-schema.js';

/**
 * What `settings-schema.ts` makes of an empty file, in the file's own units: a server without a file needs no schema, whose
 * library costs a list of accounts more than the list.
 */
export function defaultSettings(): CheckedSettings {
  const daemon = { kind: 'auto' as const, timeoutSeconds: 60 };
  return {
    webServer: { ...daemon, arguments: [] },
    services: {
      cpanel: { ...daemon, arguments: [], sni: true },
      exim: { ...daemon, arguments: [], sni: true },
      dovecot: { ...daemon, arguments: [], sni: true },
      ftp: { ...daemon, arguments: [], sni: true },
      ipAddresses: false,
    },
    hooks: { timeoutSeconds: 60 },
    placeholders: true,
    http: { port: 80, httpsPort: 443, privateNetworks: [] },
    challenges: { method: 'shared-folder' },
    dns: { editors: [], authoritative: {}, delegations: [], propagationSeconds: 120, intervalSeconds: 2 },
    preflight: 'gate',
    caa: 'fix',
    resolvers: [],
    addressMap: {},
    concurrency: { orders: 10, lookups: 50, probes: 50 },
    acme: { contact: [], accountKeyType: 'ecdsa-prime256v1', timeoutSeconds: 30 },
    mail: { to: 'root' },
    notices: { mail: true, commandTimeoutSeconds: 30, users: false, repeat: 'weekly', serviceNames: false },
    providers: {},
    limits: { newOrdersPer3Hours: 150 },
    run: { deadlineHours: 20, intervalHours: 24, outageMinutes: 60 },
    reuseKey: false,
    wildcardReduction: true,
    revocation: 'crl',
  };
}
