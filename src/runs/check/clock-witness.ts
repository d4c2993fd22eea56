import { StateError } from '../../core/domain/autossl-error.js';
import { MAX_CLOCK_OFFSET_MS } from '../../core/plan/mass-change.js';
import type { OrderDesk } from '../order/order-desk.js';

/** What only a wrong clock may have brought about: looked at where no CA tells the time. */
export interface ExpiredAtOnce {
  /** @throws StateError BRAKE when it is a mass */
  assertFew(): Promise<void>;
  /** They are known from now on. */
  remember(): Promise<void>;
}

/** What a CA's answer says of our clock. `mistaken`: another CA vouched for it, and this one's own is off. */
export type ClockVerdict = 'trusted' | 'mistaken';

/**
 * Whether our clock may be trusted, by the Date header of each CA that is asked, before anything is ordered of it. By a clock that
 * is off nothing is judged due; where no CA says what time it is, certificates that expired all at once are a sign of that.
 */
export class ClockWitness {
  readonly #isBrakeOverridden: boolean;
  readonly #expired: ExpiredAtOnce | null;
  #isVouchedFor = false;

  /** `expired`: null where nothing is known of the server's other certificates. */
  constructor(
    { isBrakeOverridden }: { readonly isBrakeOverridden: boolean },
    expired: ExpiredAtOnce | null = null,
  ) {
    this.#isBrakeOverridden = isBrakeOverridden;
    this.#expired = expired;
  }

  /** What a CA says that was just opened. @throws StateError BRAKE */
  async hear({
    clockOffsetMs: offset,
    provider,
  }: Pick<OrderDesk, 'clockOffsetMs' | 'provider'>): Promise<ClockVerdict> {
    // A CA of our own has our clock.
    if (provider.kind === 'local') return 'trusted';
    if (offset !== null && Math.abs(offset) > MAX_CLOCK_OFFSET_MS && !this.#isBrakeOverridden) {
      if (this.#isVouchedFor) return 'mistaken';
      throw clockIsOff(offset);
    }
    if (this.#isVouchedFor) return 'trusted';
    if (offset === null && !this.#isBrakeOverridden) await this.#expired?.assertFew();
    this.#isVouchedFor = offset !== null;
    await this.#expired?.remember();
    return 'trusted';
  }
}

function clockIsOff(offset: number): StateError {
  return new StateError(
    'BRAKE',
    `our clock is ${Math.round(Math.abs(offset) / 60_000)} minutes ${offset > 0 ? 'behind' : 'ahead of'} the provider's; nothing is ordered`,
    { advice: 'Set the clock (or run again with --yes-really if the provider is wrong).' },
  );
}
