import type { CertificateEvidence } from '../core/certificate/facts.js';
import { takeCombinedApart } from '../core/certificate/pem/combined.js';
import { type PairTexts, pairTextsOf } from '../core/certificate/pem/pair-texts.js';
import type { WantedName } from '../core/domain/name/names.js';
import type { WebsiteRef } from '../core/domain/website/website.js';
import { ADOPTED_REASON } from '../core/plan/action.js';
import type { JudgedPair } from '../core/plan/adoption/adoption.js';
import {
  type CertificateManager,
  type CertificateStep,
  judgePair,
  type PairPolicy,
  type PairVerdict,
  presentCertificateOf,
  stepFor,
} from '../core/plan/adoption/adoption-certificate.js';
import type { SitePair } from '../core/plan/served/server-site.js';
import type { CertificateStore } from './ports/certificates.js';
import type { Clock } from './ports/clock.js';
import type { HeldLock } from './ports/locks.js';
import type { IssuedRecord, IssuedStore } from './ports/orders.js';

/** What certificate and key file of a server's site hold. `why`: one clause that names the file. */
export type PairReading =
  | { readonly state: 'read'; readonly texts: readonly string[] }
  | { readonly state: 'unreadable'; readonly why: string };

export interface AdoptCertificateHost {
  readonly clock: Clock;
  readonly certificates: CertificateStore;
  readonly issued: IssuedStore;
  /** Notes that a server is to be reloaded, before something that it names is put in place. */
  oweReload(): Promise<void>;
  readonly policy: PairPolicy;
  /** MUST NOT block, and MUST read regular files of a bounded size only. */
  readPair(pair: SitePair): Promise<PairReading>;
  /** Which program renews the pair with a certificate for these names. */
  managerOf(pair: SitePair, names: readonly string[]): Promise<CertificateManager | null>;
}

/** In `issued/`: a provider that we do not know. Its certificates are renewed by the days of the provider in use. */
export const UNKNOWN_PROVIDER = 'unknown';
/** In `issued/`: the certificate was found on the server; we never ordered it. */

/** Reads and judges a pair for a website with these names. */
export async function examinePair(
  pair: SitePair,
  names: readonly WantedName[],
  host: AdoptCertificateHost,
): Promise<JudgedPair & { readonly texts: PairTexts | null }> {
  if (pair.isVariable) {
    const why = `Its file is chosen at each handshake (${pair.certificateFile}).`;
    const verdict: PairVerdict = { worth: 'none', code: 'CHOSEN_AT_HANDSHAKE', leaf: null, why };
    return { pair, manager: null, verdict, texts: null };
  }
  const reading = await host.readPair(pair);
  const evidence: CertificateEvidence =
    reading.state === 'read'
      ? takeCombinedApart(reading.texts.join('\n'), pair.certificateFile)
      : { kind: 'unreadable', path: pair.certificateFile, why: reading.why };
  const leafNames = evidence.kind === 'present' ? evidence.leaf.dnsNames : [];
  const manager = await host.managerOf(pair, leafNames);
  const verdict = judgePair(evidence, names, manager, host.policy, host.clock.now());
  const texts =
    evidence.kind === 'present' && reading.state === 'read' && verdict.worth !== 'none'
      ? (pairTextsOf(evidence, reading.texts) ?? null)
      : null;
  return { pair, manager, verdict, texts };
}

/**
 * Puts the pair where the website's certificate belongs and records it, after another look at both under the website's lock:
 * first the record, then the file, so that a crash in between is finished by the same again. The pair's own files are not
 * touched. Gives what was done. @throws InstallError, StateError
 */
export async function takeCertificate(
  website: WebsiteRef,
  pair: SitePair,
  names: readonly WantedName[],
  isServed: boolean,
  lock: HeldLock,
  host: AdoptCertificateHost,
): Promise<CertificateStep> {
  const { verdict, texts } = await examinePair(pair, names, host);
  const [evidence, recorded] = await Promise.all([
    host.certificates.gatherEvidence(website),
    host.issued.read(website.vhost),
  ]);
  const present = presentCertificateOf(evidence, verdict.leaf?.fingerprint ?? null, recorded);
  const step = stepFor(verdict, present);
  if (texts === null || verdict.worth === 'none' || (step !== 'record' && step !== 'copy')) {
    return step === 'record' || step === 'copy' ? 'none' : step;
  }
  if (step === 'record') await host.issued.add(recordOf(website, verdict));
  await host.certificates.publish({ website, ...texts }, async () => {
    if (isServed) await host.oweReload();
    await lock.assertHeld();
  });
  return step;
}

/** Without an account's URL: the certificate is of somebody else's account, so no order of ours may say that it replaces it. */
function recordOf(
  { account, vhost }: WebsiteRef,
  { leaf, provider }: Exclude<PairVerdict, { worth: 'none' }>,
): IssuedRecord {
  return {
    fingerprint: leaf.fingerprint,
    account,
    vhost,
    provider: provider ?? UNKNOWN_PROVIDER,
    directoryUrl: '',
    acmeAccountUrl: null,
    orderUrl: null,
    orderId: '',
    names: leaf.dnsNames,
    because: [ADOPTED_REASON],
    ariCertificateId: leaf.ariCertificateId,
    serial: leaf.serial,
    notBefore: leaf.notBefore.toISOString(),
    notAfter: leaf.notAfter.toISOString(),
    // When it was: what we do not order again too soon is counted by it.
    issuedAt: leaf.notBefore.toISOString(),
  };
}
