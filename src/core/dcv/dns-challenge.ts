import { createHash } from 'node:crypto';
import { isWithin } from '../domain/name/dns-name.js';
import { isWildcard, type WantedName } from '../domain/name/names.js';

/** RFC 8555 section 8.4. */
const CHALLENGE_LABEL = '_acme-challenge';
/** Documented (behaviour section 3): where and how the local test of a zone is placed. */
const TEST_LABEL = '_dcv-test-record';
const TEST_BYTES = 32;

/** Where the TXT record of a name's challenge is looked for; a domain and its wildcard share it. */
export function challengeRecordOf(name: WantedName): string {
  return `${CHALLENGE_LABEL}.${isWildcard(name) ? name.slice(2) : name}`;
}

/** What that record holds (RFC 8555 section 8.4): the digest of the key authorization. */
export function challengeValueOf(keyAuthorization: string): string {
  return createHash('sha256').update(keyAuthorization).digest('base64url');
}

/** The domain whose challenge record this is; null when it is none. */
export function domainOfChallengeRecord(recordName: string): string | null {
  const prefix = `${CHALLENGE_LABEL}.`;
  return recordName.startsWith(prefix) ? recordName.slice(prefix.length) : null;
}

/** A zone's test record; no CA looks there. */
export function testRecordOf(zone: string): string {
  return `${TEST_LABEL}.${zone}`;
}

/** Its documented form: the label, then 64 characters. `bytes`: 32 of chance. */
export function testValueOf(bytes: Uint8Array): string {
  return `${TEST_LABEL}=${Buffer.from(bytes.slice(0, TEST_BYTES)).toString('hex')}`;
}

/**
 * Whether we write where the owner of a name has its challenge delegated to by CNAME. Anybody can have a CNAME point at
 * any name: a TXT record put there would make that name, and those above it, exist, and so take them away from a wildcard
 * record of their zone. So it must lie in a domain that the settings give for delegations, or be the challenge record of a
 * domain that exists already: that is what is left to be asked.
 */
export function delegationTo(
  recordName: string,
  delegations: readonly string[],
): { readonly mayBe: 'yes' | 'no' } | { readonly mayBe: 'where-exists'; readonly domain: string } {
  if (delegations.some((zone) => isWithin(recordName, zone))) return { mayBe: 'yes' };
  const domain = domainOfChallengeRecord(recordName);
  return domain === null ? { mayBe: 'no' } : { mayBe: 'where-exists', domain };
}
