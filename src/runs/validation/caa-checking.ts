import { judgeCaa } from '../../core/caa/judge.js';
import { planMending } from '../../core/caa/mending.js';
import type { CaaLookup } from '../../core/caa/observation.js';
import type { CaaIssuer, CaaOutcome, CaaRefusal } from '../../core/caa/outcome.js';
import { judgeRecordTrouble } from '../../core/dcv/judge-dns.js';
import type { ChallengeMethod } from '../../core/domain/challenge-method.js';
import { isWildcard, type WantedName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import type { ValidatedName } from '../../core/plan/admit-request.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { DnsPreflight } from './dns-preflight.js';
import { type CaaMend, mendCaa } from './mend-caa.js';
import { observeCaa } from './observe-caa.js';
import { ownNamesOf } from './own-names.js';

/** A name's outcome, and a clause on what was tried about it. */
export interface CheckedCaa {
  readonly outcome: CaaOutcome;
  readonly remark: string | null;
  /** By which it is proved from now on, since CAA leaves no other; absent: as it was. */
  readonly method?: ChallengeMethod;
}

export interface CaaCheckingPorts {
  readonly issuer: CaaIssuer;
  readonly host: Pick<CheckHost, 'accounts' | 'caa' | 'clock' | 'locks'>;
  readonly recorder: RunRecorder;
  readonly signal: AbortSignal;
  /** Null: no name can be tried by DNS. */
  dnsPreflight(): Promise<DnsPreflight | null>;
}

/** How a name is proved unless something is known of it. */
export function usualMethod(name: WantedName): ChallengeMethod {
  return isWildcard(name) ? 'dns-01' : 'http-01';
}

/** The names of one website, judged; what is missing in zones of ours is added. */
export class CaaChecking {
  readonly #website: Website;
  readonly #ports: CaaCheckingPorts;
  readonly #methods = new Map<WantedName, ChallengeMethod>();
  /** What was seen of names to which a record was added. */
  readonly #seen = new Map<string, CaaLookup>();
  /** By the line that was not added. */
  readonly #left = new Map<string, Extract<CaaMend, { state: 'left' }>>();
  /** One record that does not show in time is waited for: hundreds of zones are not, one after the other. */
  #isPatient = true;

  constructor(website: Website, ports: CaaCheckingPorts) {
    this.#website = website;
    this.#ports = ports;
  }

  async run(names: readonly ValidatedName[]): Promise<Map<WantedName, CheckedCaa>> {
    for (const { name, method } of names) this.#methods.set(name, method ?? usualMethod(name));
    const first = await Promise.all(names.map(({ name }) => this.#judge(name)));
    const checked = new Map<WantedName, CheckedCaa>();
    // One after the other: the names of a website mostly lack the same record.
    for (const outcome of first) checked.set(outcome.name, await this.#conclude(outcome));
    return checked;
  }

  async #judge(name: WantedName, method = this.#methodOf(name)): Promise<CaaOutcome> {
    const { host, issuer, signal } = this.#ports;
    const ask = async (one: string): Promise<CaaLookup> =>
      this.#seen.get(one) ?? (await host.caa.resolver.caaAt(one));
    return judgeCaa(await observeCaa(name, ask, signal), { ...issuer, methods: [method] });
  }

  async #conclude(outcome: CaaOutcome): Promise<CheckedCaa> {
    if (outcome.isAllowed) return { outcome, remark: null };
    if (outcome.code === 'CAA_METHOD_FORBIDDEN') return await this.#byDns(outcome);
    return await this.#mended(outcome);
  }

  /** What may not be proved over HTTP may be by DNS (RFC 8657 section 4). */
  async #byDns(refusal: CaaRefusal): Promise<CheckedCaa> {
    const { name } = refusal;
    const preflight = this.#methodOf(name) === 'dns-01' ? null : await this.#ports.dnsPreflight();
    const outcome = preflight === null ? refusal : await this.#judge(name, 'dns-01');
    if (preflight === null || !outcome.isAllowed) return { outcome: refusal, remark: null };
    const [trial] = await preflight.try([name], this.#ports.signal);
    if (trial === undefined || trial.trouble === null) return { outcome, remark: null, method: 'dns-01' };
    const { message } = judgeRecordTrouble(trial.trouble);
    return { outcome: refusal, remark: `by DNS it cannot be validated: ${message}` };
  }

  async #mended(refusal: CaaRefusal): Promise<CheckedCaa> {
    const { host, recorder, signal } = this.#ports;
    const { mode, zones } = host.caa;
    if (mode === 'report' || zones === null) return { outcome: refusal, remark: null };
    if (refusal.addition !== null && this.#seen.has(refusal.addition.name)) {
      return { outcome: await this.#judge(refusal.name), remark: null };
    }
    const mending = planMending(refusal, await ownNamesOf(this.#website, host.accounts));
    if (mending.kind === 'leave') return { outcome: refusal, remark: mending.why };
    const { addition } = mending;
    const known = this.#left.get(addition.line);
    if (known !== undefined) return withRemark(refusal, known);
    const isPermitted = (lookup: CaaLookup): boolean => this.#isPermitted(refusal.name, lookup);
    const mend = await mendCaa(this.#website, refusal, addition, zones, {
      host,
      recorder,
      signal,
      isPatient: this.#isPatient,
      isPermitted,
    });
    if (mend.state === 'left') {
      if (mend.isAdded === true) this.#isPatient = false;
      this.#left.set(addition.line, mend);
      return withRemark(refusal, mend);
    }
    this.#seen.set(addition.name, mend.lookup);
    return { outcome: await this.#judge(refusal.name), remark: null };
  }

  #isPermitted(name: WantedName, lookup: CaaLookup): boolean {
    const policy = { ...this.#ports.issuer, methods: [this.#methodOf(name)] };
    return judgeCaa({ name, path: [lookup] }, policy).isAllowed;
  }

  #methodOf(name: WantedName): ChallengeMethod {
    return this.#methods.get(name) ?? usualMethod(name);
  }
}

function withRemark(
  refusal: CaaRefusal,
  { why, advice }: Extract<CaaMend, { readonly state: 'left' }>,
): CheckedCaa {
  return { outcome: { ...refusal, advice: advice ?? refusal.advice }, remark: why };
}
