import { AutosslError } from '../../domain/autossl-error.js';
import { printable } from '../../domain/name/names.js';
import type { AccountInventory } from '../../domain/website/website.js';
import { escapeInvisible } from '../text/json-lines.js';

/** An account whose websites are missing from a list of websites. */
export interface LeftOutAccount {
  readonly account: string;
  readonly why: 'suspended' | 'no-autossl-feature' | 'broken';
  /** For broken ones. */
  readonly message: string | null;
}

/** Why the account's websites are missing; null when they are not. */
export function leftOutOf(inventory: AccountInventory): LeftOutAccount | null {
  switch (inventory.state) {
    case 'ready':
      return null;
    case 'skipped':
      return { account: inventory.account, why: inventory.reason, message: null };
    case 'broken':
      return {
        account: printable(inventory.account),
        why: 'broken',
        message: printable(inventory.fault.message),
      };
  }
}

/** Why something could not be read, or done. */
export interface ListFault {
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
}

/** An expected failure as a fault; anything else is thrown on: a mistake of ours. */
export function faultFrom(error: unknown): ListFault {
  if (!(error instanceof AutosslError)) throw error;
  return { code: error.code, message: printable(error.message), advice: error.advice };
}

/** What follows the websites in a document. */
export interface WebsiteListEnd<Counts> {
  readonly leftOut: readonly LeftOutAccount[];
  /** What concerns no single website. */
  readonly faults: readonly ListFault[];
  /** False when an account's data is broken: its websites are missing. */
  readonly isComplete: boolean;
  readonly counts: Counts;
}

/**
 * A JSON document about many websites piece by piece, so that nobody holds it whole. Every invisible character is
 * escaped: no certificate can steer a terminal.
 */
export class WebsiteListDocument {
  #isBegun = false;
  readonly #head: object;

  /** `head`: the members before the websites, beside `schemaVersion`. */
  constructor(head: object) {
    this.#head = head;
  }

  website(website: object): string {
    const before = this.#isBegun ? ',' : this.#begin();
    return `${before}\n${escapeInvisible(JSON.stringify(website))}`;
  }

  end<Counts>(end: WebsiteListEnd<Counts>): string {
    const before = this.#isBegun ? '\n' : this.#begin();
    return `${before}],${escapeInvisible(JSON.stringify(end).slice(1))}\n`;
  }

  #begin(): string {
    const head = JSON.stringify({ schemaVersion: 1, ...this.#head });
    this.#isBegun = true;
    return `${escapeInvisible(head.slice(0, -1))},"websites":[`;
  }
}
