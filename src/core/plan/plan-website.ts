import { isWildcard, type WantedName } from '../domain/name/names.js';
import { inPriorityOrder } from '../domain/name/priority-order.js';
import type { Website } from '../domain/website/website.js';
import type { Evaluation } from '../evaluation/evaluation.js';
import type { ReplacementRight } from '../evaluation/may-replace.js';
import type { OrderRecord } from '../order/record.js';
import { explained } from '../renewal/verdict.js';
import type { ActionKind, LeftOutName, PlannedAction, Reason, WildcardAbility } from './action.js';

export interface PlanInput {
  readonly website: Website;
  readonly evaluation: Evaluation;
  /** Whether the present certificate may be replaced at all (design 5.4), and why not. */
  readonly replacement: ReplacementRight;
  readonly wildcards: WildcardAbility;
  /** An unfinished order at the provider (design 5.9). */
  readonly pendingOrder: Pick<OrderRecord, 'id' | 'phase' | 'pollAt'> | null;
  /** `--reissue`: a wrong key type no longer waits for the renewal. */
  readonly isReissueAsked: boolean;
  /**
   * The certificate was found on the server and recorded as ours: until it is due it is not replaced for the automatic
   * names that whoever ordered it did not ask for.
   */
  readonly isAdopted?: boolean;
}

/**
 * What to do for a website, from what was found. The value is independent of the instant of the run except through the
 * evaluation's own verdicts (due or not).
 */
export function planWebsite(input: PlanInput): PlannedAction {
  const { website, evaluation } = input;
  const names = namesToTry(input);
  const decision = decide(input, names.tried);
  const works = decision.kind === 'request' || decision.kind === 'replace';
  return {
    account: website.account,
    vhost: website.vhost,
    kind: decision.kind,
    because: decision.because,
    names: works ? names.tried : [],
    leftOut: names.leftOut,
    dueAt: decision.dueAt?.toISOString() ?? null,
    isNew: isWithoutCertificate(evaluation),
    notAfter: evaluation.notAfter?.toISOString() ?? null,
    keyType: website.keyType,
    ...(works && evaluation.renewal?.explanationUrl !== undefined
      ? { explanationUrl: evaluation.renewal.explanationUrl }
      : {}),
  };
}

interface Decision {
  readonly kind: ActionKind;
  readonly because: readonly Reason[];
  readonly dueAt: Date | null;
}

function decide(input: PlanInput, tried: readonly WantedName[]): Decision {
  const { evaluation, pendingOrder } = input;
  if (pendingOrder !== null) {
    const pollAt = pendingOrder.pollAt === null ? null : new Date(pendingOrder.pollAt);
    return keepWith(
      'await-order',
      'ORDER_PENDING',
      pendingOrder.phase === 'downloaded'
        ? `A certificate is here and could not be put in place yet (order ${pendingOrder.id}).`
        : `An order is pending at the provider (${pendingOrder.id}).`,
      pollAt,
    );
  }
  if (tried.length === 0) {
    return keepWith(
      'keep',
      'NO_NAMES',
      'No name of this website is to be secured: all are excluded or unsupported.',
      null,
    );
  }
  const reasons = reasonsToOrder(input, tried);
  if (reasons.length === 0) {
    return keepWith('keep', 'VALID', 'The certificate is valid.', evaluation.renewal?.dueAt ?? null);
  }
  if (!input.replacement.allowed) {
    return keepWith('keep', 'FOREIGN_CERTIFICATE', input.replacement.because.message, null);
  }
  return { kind: evaluation.notAfter === null ? 'request' : 'replace', because: reasons, dueAt: null };
}

function reasonsToOrder(input: PlanInput, tried: readonly WantedName[]): Reason[] {
  const { evaluation, isReissueAsked } = input;
  const reasons: Reason[] = [];
  // A missing wildcard that cannot be had here is no reason to order.
  const isMissingWanted = evaluation.missingNames.some(
    (name) => tried.includes(name) && !(input.isAdopted === true && isAutomatic(name, input.website)),
  );
  for (const defect of evaluation.defects) {
    if (defect.severity === 'defective') reasons.push({ code: defect.code, message: defect.message });
    if (defect.code === 'NAMES_MISSING' && isMissingWanted)
      reasons.push({ code: 'NAMES_MISSING', message: defect.message });
    if (defect.code === 'KEY_TYPE_DIFFERS' && isReissueAsked) {
      reasons.push({ code: 'KEY_TYPE_DIFFERS', message: defect.message });
    }
  }
  const { renewal } = evaluation;
  if (renewal?.isDue && evaluation.tlsStatus !== 'defective') {
    const why = explained(renewal);
    if (!renewal.isDeferrable) {
      reasons.unshift({ code: 'CALLED_BACK', message: `The provider wants it replaced now.${why}` });
    } else {
      const code = renewal.isEmergency ? 'EMERGENCY' : 'RENEWAL_DUE';
      const message = `Renewal has been due since ${renewal.dueAt.toISOString()} (${renewal.basis}).${why}`;
      reasons.unshift({ code, message });
    }
  }
  return reasons;
}

/** `www.` and `mail.` of another of its names, and service names: nobody had to ask for them. */
function isAutomatic(name: WantedName, { candidates }: Website): boolean {
  if (candidates.some((candidate) => candidate.name === name && candidate.isService)) return true;
  const parent = /^(?:www|mail)\.(.+)$/.exec(name)?.[1];
  return parent !== undefined && candidates.some((candidate) => candidate.name === parent);
}

/**
 * A wildcard that is secured now, or for which there may be an editor, is tried even if that is bound to fail: it must hold a
 * renewal back and be a problem rather than vanish.
 */
function namesToTry({ website, evaluation, wildcards }: PlanInput): {
  tried: readonly WantedName[];
  leftOut: readonly LeftOutName[];
} {
  const secured = new Set<string>(evaluation.securedNames);
  const leftOut: LeftOutName[] = website.excluded.map((name) => ({ name, why: 'EXCLUDED' }));
  const kept = website.candidates.filter(({ name }) => {
    if (!isWildcard(name)) return true;
    if (wildcards === 'unsupported') leftOut.push({ name, why: 'WILDCARD_UNSUPPORTED' });
    else if (wildcards === 'no-editor' && !secured.has(name))
      leftOut.push({ name, why: 'WILDCARD_NEEDS_DNS' });
    else return true;
    return false;
  });
  return { tried: inPriorityOrder(kept, (name) => secured.has(name)).map(({ name }) => name), leftOut };
}

/** Absent or defective: what visitors meet now is a warning page. */
function isWithoutCertificate(evaluation: Evaluation): boolean {
  return evaluation.tlsStatus === 'defective';
}

function keepWith(kind: ActionKind, code: Reason['code'], message: string, dueAt: Date | null): Decision {
  return { kind, because: [{ code, message }], dueAt };
}
