import { judgeCaa } from '../../core/caa/judge.js';
import { planMending } from '../../core/caa/mending.js';
import type { CaaLookup } from '../../core/caa/observation.js';
import type { CaaIssuer, CaaOutcome, CaaRefusal } from '../../core/caa/outcome.js';
import { isWildcard, type WantedName } from '../../core/domain/names.js';
import type { Website } from '../../core/domain/website.js';
import type { WeighedName } from '../../core/plan/unsure-names.js';
import { type CaaFate, caaForbids, caaPermits } from '../../core/report/caa-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { OrderDesk } from '../order/order-desk.js';
import { mendCaa } from './mend-caa.js';
import { observeCaa } from './observe-caa.js';
import { ownNamesOf } from './own-names.js';

/**
 * Names that CAA forbids our CA are failed before they cost an order, as the setting `preflight` says: `gate` leaves them
 * out, `advise` only says so, `off` asks nothing. Where the zone is ours the missing record is added. Names that failed
 * already are not asked for. @throws the signal's reason; StateError when what is added cannot be journalled
 */
export async function checkCaa(
  website: Website,
  weighed: readonly WeighedName[],
  desk: OrderDesk,
  host: CheckHost,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<WeighedName[]> {
  const mode = host.settings.preflight;
  const issuer = desk.caaIssuer;
  if (mode === 'off' || issuer.identities.length === 0) return [...weighed];
  const isGate = mode === 'gate';
  const names = weighed.filter(({ passed }) => passed).map(({ name }) => name);
  const judged = await new CaaChecking(website, issuer, host, recorder, signal).run(names);
  return weighed.map((one) => {
    const verdict = judged.get(one.name);
    if (verdict === undefined) return one;
    const { outcome, remark } = verdict;
    if (outcome.isAllowed) {
      recorder.record(...caaPermits(website, outcome));
      return one;
    }
    const fate = isGate ? gateFate(one, outcome, desk) : 'ordered';
    recorder.record(...caaForbids(website, outcome, fate, remark));
    if (fate === 'ordered') return one;
    if (fate === 'unsure') return { ...one, isUnsure: true };
    if (one.isUnsure) desk.releaseUnsure(1);
    return { name: one.name, passed: false, isUnsure: false, fault: outcome.fault };
  });
}

/** What this view cannot tell for sure is ordered from the same small budget as other such names. */
function gateFate(one: WeighedName, { isConclusive }: CaaRefusal, desk: OrderDesk): CaaFate {
  if (isConclusive) return 'left-out';
  if (one.isUnsure) return 'unsure';
  return desk.reserveUnsure(1) === 1 ? 'unsure' : 'unsure-limit';
}

/** A name's outcome, and a clause on what was tried about it. */
export interface CheckedCaa {
  readonly outcome: CaaOutcome;
  readonly remark: string | null;
}

/** Methods by which a name is validated here. */
export function methodsFor(name: WantedName): readonly string[] {
  return isWildcard(name) ? ['dns-01'] : ['http-01'];
}

class CaaChecking {
  readonly #website: Website;
  readonly #issuer: CaaIssuer;
  readonly #host: CheckHost;
  readonly #recorder: RunRecorder;
  readonly #signal: AbortSignal;
  /** What was seen of names to which a record was added. */
  readonly #seen = new Map<string, CaaLookup>();
  readonly #remarks = new Map<string, string>();

  constructor(
    website: Website,
    issuer: CaaIssuer,
    host: CheckHost,
    recorder: RunRecorder,
    signal: AbortSignal,
  ) {
    this.#website = website;
    this.#issuer = issuer;
    this.#host = host;
    this.#recorder = recorder;
    this.#signal = signal;
  }

  async run(names: readonly WantedName[]): Promise<Map<WantedName, CheckedCaa>> {
    const first = await Promise.all(names.map((name) => this.#judge(name)));
    const checked = new Map<WantedName, CheckedCaa>();
    for (const outcome of first) checked.set(outcome.name, await this.#mended(outcome));
    return checked;
  }

  async #judge(name: WantedName): Promise<CaaOutcome> {
    const { resolver } = this.#host.caa;
    const ask = async (one: string): Promise<CaaLookup> => this.#seen.get(one) ?? (await resolver.caaAt(one));
    return judgeCaa(await observeCaa(name, ask, this.#signal), {
      ...this.#issuer,
      methods: methodsFor(name),
    });
  }

  /** One name after the other: the names of a website mostly lack the same record. */
  async #mended(outcome: CaaOutcome): Promise<CheckedCaa> {
    const { mode, zones } = this.#host.caa;
    if (outcome.isAllowed || mode === 'report' || zones === null) return { outcome, remark: null };
    const { addition } = outcome;
    if (addition !== null && this.#seen.has(addition.name)) {
      return { outcome: await this.#judge(outcome.name), remark: null };
    }
    const mending = planMending(outcome, await ownNamesOf(this.#website, this.#host.accounts));
    if (mending.kind === 'leave') return { outcome, remark: mending.why };
    const known = this.#remarks.get(mending.addition.line);
    if (known !== undefined) return { outcome, remark: known };
    const mend = await mendCaa(this.#website, outcome, mending.addition, zones, {
      host: this.#host,
      recorder: this.#recorder,
      signal: this.#signal,
      isPermitted: (lookup) => this.#isPermitted(outcome.name, lookup),
    });
    if (mend.state === 'left') {
      this.#remarks.set(mending.addition.line, mend.why);
      return { outcome, remark: mend.why };
    }
    this.#seen.set(mending.addition.name, mend.lookup);
    return { outcome: await this.#judge(outcome.name), remark: null };
  }

  #isPermitted(name: WantedName, lookup: CaaLookup): boolean {
    return judgeCaa({ name, path: [lookup] }, { ...this.#issuer, methods: methodsFor(name) }).isAllowed;
  }
}
