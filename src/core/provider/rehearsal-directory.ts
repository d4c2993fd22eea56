import { PROVIDERS } from './registry.js';

/** Hosts of CAs' rehearsal environments whose names do not say so. */
const REHEARSAL_HOSTS: ReadonlySet<string> = new Set([
  // Google Trust Services
  'dv.acme-v02.test-api.pki.goog',
  // Buypass
  'api.test4.buypass.no',
]);
/** `acme-staging-v02.api.letsencrypt.org`, `staging.ca.example`, `ca-staging.example`. */
const STAGING = /(?:^|[.-])staging(?:$|[.-])/;

/**
 * Whether an ACME directory is known, or called, as a CA's rehearsal environment, by whatever provider's name it is used: no
 * visitor trusts what it issues.
 */
export function isRehearsalDirectory(url: string | null): boolean {
  const host = hostOf(url);
  if (host === null) return false;
  const ofRehearsals = PROVIDERS.filter(({ isForRehearsals }) => isForRehearsals);
  return (
    STAGING.test(host) ||
    REHEARSAL_HOSTS.has(host) ||
    ofRehearsals.some(({ directoryUrl }) => hostOf(directoryUrl) === host)
  );
}

function hostOf(url: string | null): string | null {
  return url !== null && URL.canParse(url) ? new URL(url).hostname.toLowerCase() : null;
}
