import { readAutosslJson } from '../../../adapters/store/choices/autossl-json.js';
import { readFallbacks } from '../../../adapters/store/choices/provider-choice.js';
import { FileRenewalInfo } from '../../../adapters/store/renewal/renewal-info-store.js';
import { FileKnownRevocations } from '../../../adapters/store/revocation/known-revocations.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { readTrustAnchors } from '../../../adapters/system/trust-anchors.js';
import type { TrustAnchors } from '../../../core/certificate/chain/trust-anchors.js';
import type { CertificateEvidence } from '../../../core/certificate/facts.js';
import { SERVER_OWNER } from '../../../core/domain/account/hostname-owner.js';
import type { KeyType } from '../../../core/domain/key-type.js';
import { evaluate } from '../../../core/evaluation/evaluate.js';
import { websiteChecks } from '../../../core/evaluation/lists.js';
import { ADOPTED_REASON } from '../../../core/plan/action.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import { unfitFallback } from '../../../core/provider/failover.js';
import { PROVIDERS } from '../../../core/provider/registry.js';
import { renewalKeyOf } from '../../../core/renewal/information/renewal-record.js';
import { OWN_SPREAD, spreadShareOf } from '../../../core/renewal/spread.js';
import type { StoredRenewalInfo } from '../../../core/renewal/verdict.js';
import type { CheckHost } from '../../../runs/check/check-host.js';
import type { RenewalInfoStore } from '../../../runs/ports/authority.js';
import type { KnownRevocations } from '../../../runs/ports/revocation.js';
import type { ServicesHost } from '../../../runs/services/services-host.js';
import type { Base } from '../base.js';
import { openCertificates } from '../websites/certificates.js';
import { openAccountRecords } from './account-records.js';

/** The tree's accounts and what is known of their certificates. Opening it writes nothing. */
export function openRecords(base: Base) {
  return { ...openAccountRecords(base.tree), certificates: openCertificates(base) };
}

/** How certificates are judged, and what that knows of revoked ones and of what CAs said. */
interface Judgement<Evaluate> {
  readonly evaluate: Evaluate;
  readonly renewalInfo: FileRenewalInfo;
  readonly known: KnownRevocations;
}

/**
 * How this installation judges a website's certificate. `provider`: whose margin counts for what nobody issued;
 * `isInUse` false: none is chosen, it only stands for one.
 * @throws ConfigurationError BAD_SETTING without trust anchors
 */
export async function openJudgement(
  { tree, settings }: Base,
  provider: ProviderDescription,
  isInUse = true,
): Promise<Judgement<CheckHost['evaluate']> & { readonly clobberExternallySigned: boolean }> {
  const { known, renewalInfo, ...common } = await openCommonPolicy({ tree, settings }, [provider]);
  const inUse = new Set([provider.name, ...readFallbacks(tree).filter((name) => mayStandIn(name, provider))]);
  return {
    known,
    renewalInfo,
    clobberExternallySigned: readAutosslJson(tree).metadata.get('clobber_externally_signed') ?? false,
    evaluate: (website, evidence, issued, now) => {
      const recorded = new Set(issued.map(({ fingerprint }) => fingerprint));
      const issuer = PROVIDERS.find(({ name }) => name === issued[0]?.provider) ?? provider;
      return evaluate(
        evidence,
        websiteChecks,
        {
          wantedNames: website.candidates.map(({ name }) => name),
          keyType: website.keyType,
          isRecordedAsOurs: (fingerprint) => recorded.has(fingerprint),
          isOfProviderInUse: (leaf) => {
            const record = issued.find(({ fingerprint }) => fingerprint === leaf.fingerprint);
            // One that nobody recorded was found here, and is renewed in its own time.
            return (
              !isInUse ||
              record === undefined ||
              record.because.includes(ADOPTED_REASON) ||
              inUse.has(record.provider)
            );
          },
          kind: 'website',
          spreadShare:
            evidence.kind === 'present'
              ? spreadShareOf(website.vhost, evidence.leaf.notAfter, OWN_SPREAD)
              : 0,
          daysToReplace: issuer.daysToReplace,
          ari: ariOf(website, evidence, recorded, renewalInfo),
          ...common,
        },
        now,
      );
    },
  };
}

/** Whether certificates of a provider that the list names are such as this one's. */
function mayStandIn(name: string, provider: ProviderDescription): boolean {
  const known = PROVIDERS.find((one) => one.name === name);
  return known === undefined || unfitFallback(known, provider) === null;
}

/** The same for the certificates of the server's own services. @throws ConfigurationError BAD_SETTING without trust anchors */
export async function openServiceJudgement(
  base: Base,
  keyType: KeyType,
): Promise<Judgement<ServicesHost['evaluate']>> {
  const { known, renewalInfo, ...common } = await openCommonPolicy(base);
  const evaluateOne: ServicesHost['evaluate'] = (hostname, evidence, issued, now) => {
    const recorded = new Set(issued.map(({ fingerprint }) => fingerprint));
    const policy = {
      wantedNames: [hostname],
      keyType,
      isRecordedAsOurs: (fingerprint: string) => recorded.has(fingerprint),
      kind: 'hostname',
      // The hostname has a figure of its own.
      daysToReplace: Number.POSITIVE_INFINITY,
      ari: ariOf({ account: SERVER_OWNER, vhost: hostname }, evidence, recorded, renewalInfo),
      ...common,
    } as const;
    return evaluate(evidence, websiteChecks, policy, now);
  };
  return { known, renewalInfo, evaluate: evaluateOne };
}

/** What the CA said of the very certificate that lies there, where it is one that we got. */
function ariOf(
  owner: { readonly account: string; readonly vhost: string },
  evidence: CertificateEvidence,
  recorded: ReadonlySet<string>,
  renewalInfo: RenewalInfoStore,
): StoredRenewalInfo | null {
  if (evidence.kind !== 'present') return null;
  const { fingerprint, ariCertificateId } = evidence.leaf;
  if (ariCertificateId === null || !recorded.has(fingerprint)) return null;
  const certificateId = ariCertificateId;
  return renewalInfo.of(renewalKeyOf({ ...owner, certificateId }), certificateId)?.info ?? null;
}

/** The roots by which this installation judges chains. @throws ConfigurationError BAD_SETTING without any */
export async function openAnchors({ tree, settings }: Base): Promise<TrustAnchors> {
  return await readTrustAnchors({ storePath: settings.trustAnchors, extraFiles: [tree.localCaRoot()] });
}

/** `others`: providers of third parties whose certificates are ours too. */
async function openCommonPolicy({ tree, settings }: Base, others: readonly ProviderDescription[] = []) {
  const known = new FileKnownRevocations(tree, systemClock);
  return {
    known,
    renewalInfo: new FileRenewalInfo(tree, systemClock, new FileLockKeeper(tree)),
    // What was learnt once holds, whoever is asked from now on.
    isKeyLost: (keyHash: string) => known.isKeyLost(keyHash),
    ...(settings.revocation === 'off'
      ? {}
      : { revocationOf: (fingerprint: string) => known.of(fingerprint) }),
    anchors: await openAnchors({ tree, settings }),
    issuerOrganizations: [...PROVIDERS, ...others]
      .filter((one) => one.isKnownByIssuer)
      .flatMap((one) => one.issuerOrganizations),
    runIntervalMs: settings.run.intervalMs,
  };
}
