import { counted } from '../text/wording.js';
import { STATUS_CONDITIONS, type StatusCondition } from './status-condition.js';
import type { WebsiteStatus } from './website-status.js';

/** How many websites were looked at, and how many are in each condition; one website may be in several. */
export type StatusCounts = Readonly<
  Record<'websites' | 'shown' | 'brokenAccounts' | CountedCondition, number>
>;
type CountedCondition = Exclude<StatusCondition, 'not-served'> | 'notServed';

/** Counts as websites come by. */
export class StatusTally {
  #websites = 0;
  #shown = 0;
  #brokenAccounts = 0;
  #hasUnread = false;
  readonly #conditions = new Map<StatusCondition, number>();

  add({ conditions, fault }: Pick<WebsiteStatus, 'conditions' | 'fault'>, isShown: boolean): void {
    this.#websites += 1;
    if (fault !== null) this.#hasUnread = true;
    if (isShown) this.#shown += 1;
    for (const condition of conditions) this.#conditions.set(condition, this.#of(condition) + 1);
  }

  addBrokenAccount(): void {
    this.#brokenAccounts += 1;
    this.#hasUnread = true;
  }

  /** Whether any website is in one of these conditions. */
  has(conditions: readonly StatusCondition[]): boolean {
    return conditions.some((condition) => this.#of(condition) > 0);
  }

  /** Whether an account or a website could not be read. */
  get hasUnread(): boolean {
    return this.#hasUnread;
  }

  counts(): StatusCounts {
    return {
      websites: this.#websites,
      shown: this.#shown,
      ok: this.#of('ok'),
      incomplete: this.#of('incomplete'),
      expired: this.#of('expired'),
      expiring: this.#of('expiring'),
      failing: this.#of('failing'),
      notServed: this.#of('not-served'),
      pending: this.#of('pending'),
      foreign: this.#of('foreign'),
      brokenAccounts: this.#brokenAccounts,
    };
  }

  /** The last line for people: conditions that nobody is in are left out, but for `ok`. */
  summary(): string {
    const parts = STATUS_CONDITIONS.filter((one) => one === 'ok' || this.#of(one) > 0).map(
      (one) => `${this.#of(one)} ${one}`,
    );
    if (this.#brokenAccounts > 0) parts.push(counted(this.#brokenAccounts, 'broken account'));
    const shown = this.#shown === this.#websites ? '' : ` (${this.#shown} shown)`;
    return `${counted(this.#websites, 'website')}${shown}: ${parts.join(', ')}.`;
  }

  #of(condition: StatusCondition): number {
    return this.#conditions.get(condition) ?? 0;
  }
}
