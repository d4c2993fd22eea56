import { parseDomainName } from '../domain/name/names.js';
import type { Evaluation } from '../evaluation/evaluation.js';
import type { PlannedAction, Reason } from '../plan/action.js';
import { admitRequest } from '../plan/admit-request.js';
import { judgeRenewal } from '../renewal/judge.js';
import { OWN_SPREAD, spreadShareOf } from '../renewal/spread.js';
import type { RenewalVerdict, StoredRenewalInfo } from '../renewal/verdict.js';
import type { RehearsedWebsite, Scenario } from './scenario.js';

/** Two names stand for all: one that always passes, and one that sometimes does not. */
const SOUND_NAME = parseDomainName('a.example');
const TROUBLED_NAME = parseDomainName('b.example');
const NAMES = [SOUND_NAME, TROUBLED_NAME];
const DUE: readonly Reason[] = [{ code: 'RENEWAL_DUE', message: '' }];
const EXPIRED: readonly Reason[] = [{ code: 'CERTIFICATE_EXPIRED', message: '' }];

/** A website of a rehearsal and what it has. Instants are epoch ms. */
export class RehearsedCertificate {
  readonly website: RehearsedWebsite;
  notBefore: number | null;
  notAfter: number | null;
  ari: StoredRenewalInfo | null = null;
  /** Null: it has no certificate. */
  verdict: RenewalVerdict | null = null;
  action: PlannedAction;
  /** Orders in a row that failed. */
  failures = 0;
  /** Until then one of its names cannot be validated. */
  troubledUntil = 0;
  /** Until then a name, or an order that failed, held its renewal back. */
  heldUntil = 0;
  /** What was noted of an earlier state counts no more. */
  generation = 0;
  /** Its place in the queues: a former one counts no more. */
  turn = 0;
  /** When it is looked at next. */
  nextLookAt = 0;

  constructor(website: RehearsedWebsite) {
    this.website = website;
    this.notBefore = website.notBefore;
    this.notAfter = website.notAfter;
    this.action = actionOf(website, website.notAfter, website.notAfter === null);
  }

  /** Judges by the rules of production. */
  judge(scenario: Pick<Scenario, 'daysToReplace' | 'runIntervalMs'>, at: number): void {
    const { notBefore, notAfter } = this;
    this.generation += 1;
    this.turn += 1;
    if (notBefore === null || notAfter === null) {
      this.verdict = null;
      return;
    }
    this.verdict = judgeRenewal(
      { notBefore: new Date(notBefore), notAfter: new Date(notAfter) },
      {
        daysToReplace: scenario.daysToReplace,
        ari: this.ari,
        ownership: 'ours',
        kind: 'website',
        runIntervalMs: scenario.runIntervalMs,
        spreadShare: spreadShareOf(this.website.vhost, new Date(notAfter), OWN_SPREAD),
      },
      new Date(at),
    );
    this.action = actionOf(this.website, notAfter, notAfter <= at);
  }

  get dueAt(): number | null {
    return this.verdict?.dueAt.getTime() ?? null;
  }

  /** From when on nothing but limits and outages held its renewal back. */
  get renewableAt(): number | null {
    return this.dueAt === null ? null : Math.max(this.dueAt, this.heldUntil);
  }

  get emergencyAt(): number | null {
    return this.verdict?.emergencyAt.getTime() ?? null;
  }

  isEmergency(at: number): boolean {
    return this.emergencyAt !== null && at >= this.emergencyAt;
  }

  /** While a name fails: until when the renewal waits for it; null: it goes on. */
  deferredUntil(at: number): number | null {
    if (at >= this.troubledUntil || this.verdict === null || this.action.isNew) return null;
    const now = new Date(at);
    const outcomes = [
      { name: SOUND_NAME, passed: true },
      { name: TROUBLED_NAME, passed: false },
    ];
    const admission = admitRequest(this.action, evaluationOf(this.verdict, now), outcomes, null, now);
    return admission.isAdmitted ? null : (admission.impediment.dueAt?.getTime() ?? null);
  }
}

function actionOf(
  { account, vhost }: RehearsedWebsite,
  notAfter: number | null,
  isNew: boolean,
): PlannedAction {
  return {
    account,
    vhost,
    kind: notAfter === null ? 'request' : 'replace',
    because: isNew ? EXPIRED : DUE,
    names: NAMES,
    leftOut: [],
    dueAt: null,
    isNew,
    notAfter: notAfter === null ? null : new Date(notAfter).toISOString(),
    keyType: 'ecdsa,prime256v1',
  };
}

function evaluationOf(renewal: RenewalVerdict, now: Date): Evaluation {
  return {
    tlsStatus: 'ok',
    defects: [],
    ownership: 'ours',
    renewal: { ...renewal, isDue: now >= renewal.dueAt, isEmergency: now >= renewal.emergencyAt },
    securedNames: NAMES,
    missingNames: [],
    notAfter: null,
    fingerprint: null,
    ariCertificateId: null,
  };
}
