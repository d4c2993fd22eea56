import type { PublicDns } from '../dcv/public-dns.js';
import { printable } from '../domain/name/names.js';
import type { NotServedCode } from '../plan/served/served.js';
import type { ServedPlaceRecord } from '../plan/served/served-record.js';
import type { EventType } from './events/event.js';
import type { LeftOutAccount, ListFault } from './status/website-list.js';
import { counted, listed, withAdvice } from './text/wording.js';

/** What the web server was found to serve for one website, as `autossl verify --json` prints it. Plain JSON. */
export interface Verification extends PublicDns {
  readonly account: string;
  readonly website: string;
  /** `unknown`: nobody could be asked; `no-certificate`: nothing lies there to be served; `unreadable`: see `message`. */
  readonly outcome: 'served' | 'not-served' | 'unknown' | 'no-certificate' | 'unreadable';
  /** Fingerprint of the certificate that should answer. */
  readonly expected: string | null;
  readonly code: NotServedCode | null;
  readonly message: string | null;
  readonly advice: string | null;
  /** Every handshake. */
  readonly places: readonly ServedPlaceRecord[];
  /** Names of the certificate that no site has with TLS. */
  readonly namesWithoutSite: readonly string[];
}

export interface VerificationCounts {
  readonly websites: number;
  readonly served: number;
  readonly notServed: number;
  readonly unknown: number;
  readonly noCertificate: number;
  readonly unreadable: number;
  /** Websites with names that no site has with TLS. */
  readonly withoutSite: number;
  /** Websites whose public DNS leads elsewhere, too or only. */
  readonly elsewhere: number;
}

type Counted = Verification['outcome'] | 'websites' | 'withoutSite' | 'elsewhere';

/** Lines that are only information are told for so many websites; the rest is counted. */
const MOST_NOTES = 20;

/** What is told to people of many verifications: bounded, however many websites are served. */
export class VerificationTally {
  readonly #counts = new Map<Counted, number>();
  /** Websites by why nothing is known of them: one reason is mostly that of all. */
  readonly #unknown = new Map<string, { readonly first: string; readonly more: number }>();
  readonly #notes: string[] = [];
  #notesLeftOut = 0;

  /** Counts it and gives its own line, if it needs one, with how urgent it is. */
  add(verification: Verification): { readonly tone: EventType; readonly line: string } | null {
    const { outcome, namesWithoutSite, pointsHere, publicAddresses, account, website } = verification;
    this.#count('websites');
    this.#count(outcome);
    const who = `${website} (${account})`;
    if (outcome === 'served' && namesWithoutSite.length > 0) {
      this.#count('withoutSite');
      this.#note(`no site with TLS has these names of ${who}: ${listed(namesWithoutSite)}`);
    }
    if (pointsHere === false) {
      this.#count('elsewhere');
      const where = listed(publicAddresses ?? [], 4);
      this.#note(
        where === ''
          ? `public DNS has no address of ${who}`
          : `public DNS of ${who} leads elsewhere (CDN?): ${where}`,
      );
    }
    const { message, advice } = verification;
    const said = printable(withAdvice(message ?? '', advice));
    switch (outcome) {
      case 'not-served':
        return { tone: 'error', line: `NOT SERVED  ${printable(who)}: ${said}` };
      case 'unknown':
        this.#doNotKnow(who, said);
        return null;
      case 'unreadable':
        return { tone: 'error', line: `FAULT       ${printable(who)}: ${said}` };
      default:
        return null;
    }
  }

  /** Whether every website that has a certificate is known to be served. */
  get isAllServed(): boolean {
    return this.#of('not-served') + this.#of('unknown') + this.#of('unreadable') === 0;
  }

  counts(): VerificationCounts {
    return {
      websites: this.#of('websites'),
      served: this.#of('served'),
      notServed: this.#of('not-served'),
      unknown: this.#of('unknown'),
      noCertificate: this.#of('no-certificate'),
      unreadable: this.#of('unreadable'),
      withoutSite: this.#of('withoutSite'),
      elsewhere: this.#of('elsewhere'),
    };
  }

  /** What comes after the websites' own lines: notes, what is missing, and the summary. */
  *closing(leftOut: readonly LeftOutAccount[], faults: readonly ListFault[]): Generator<string> {
    for (const [said, { first, more }] of this.#unknown) {
      yield `unknown     ${printable(first)}${more === 0 ? '' : ` and ${counted(more, 'more website', 'more websites')}`}: ${said}`;
    }
    for (const note of this.#notes) yield `note        ${printable(note)}`;
    if (this.#notesLeftOut > 0) yield `note        and ${this.#notesLeftOut} more; all are told with --json`;
    for (const { account, why, message } of leftOut) yield `left out    ${account}: ${message ?? why}`;
    for (const { message, advice } of faults) yield `FAULT       ${printable(withAdvice(message, advice))}`;
    const outcomes = [
      ['served', 'served'],
      ['not-served', 'not served'],
      ['unknown', 'unknown'],
      ['unreadable', 'unreadable'],
      ['no-certificate', 'without a certificate'],
    ] as const;
    const parts = outcomes
      .filter(([outcome]) => outcome === 'served' || this.#of(outcome) > 0)
      .map(([outcome, words]) => `${this.#of(outcome)} ${words}`);
    yield `${counted(this.#of('websites'), 'website')}: ${parts.join(', ')}.`;
  }

  #note(note: string): void {
    if (this.#notes.length < MOST_NOTES) this.#notes.push(note);
    else this.#notesLeftOut += 1;
  }

  #doNotKnow(who: string, why: string): void {
    const before = this.#unknown.get(why);
    this.#unknown.set(why, { first: before?.first ?? who, more: before === undefined ? 0 : before.more + 1 });
  }

  #count(what: Counted): void {
    this.#counts.set(what, this.#of(what) + 1);
  }

  #of(what: Counted): number {
    return this.#counts.get(what) ?? 0;
  }
}
