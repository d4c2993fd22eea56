import { escapeInvisible } from './json-lines.js';
import type { StatusCounts } from './status-counts.js';
import type { StatusFault, WebsiteStatus } from './website-status.js';

/** An account whose websites are missing from the list. */
export interface LeftOutAccount {
  readonly account: string;
  readonly why: 'suspended' | 'no-autossl-feature' | 'broken';
  /** For broken ones. */
  readonly message: string | null;
}

/** What follows the websites. */
export interface StatusEnd {
  readonly leftOut: readonly LeftOutAccount[];
  /** What is wrong with data that belongs to no single website. */
  readonly faults: readonly StatusFault[];
  /** False when an account's data is broken: its websites are missing. */
  readonly isComplete: boolean;
  readonly counts: StatusCounts;
}

/**
 * The document of `autossl status --json` piece by piece, so that nobody holds it whole. Every invisible character is
 * escaped: no certificate can steer a terminal.
 */
export class StatusDocument {
  #isFirst = true;

  /** `provider`: the active one; null = none, and nothing will be ordered. */
  begin(at: Date, provider: string | null): string {
    const head = JSON.stringify({ schemaVersion: 1, at: at.toISOString(), provider });
    return `${escapeInvisible(head.slice(0, -1))},"websites":[`;
  }

  website(status: WebsiteStatus): string {
    const comma = this.#isFirst ? '' : ',';
    this.#isFirst = false;
    return `${comma}\n${escapeInvisible(JSON.stringify(status))}`;
  }

  end(rest: StatusEnd): string {
    return `\n],${escapeInvisible(JSON.stringify(rest).slice(1))}\n`;
  }
}
