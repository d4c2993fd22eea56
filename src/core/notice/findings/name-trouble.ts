import type { NoticeName } from '../finding.js';
import type { WebsiteFacts } from './website-facts.js';

/** What is known of a name that fails: as the problems list keeps it. */
export interface KnownTrouble {
  readonly domain: string;
  readonly vhost: string;
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
  readonly since?: string;
  readonly pointsElsewhere?: true;
  readonly unpauseUrl?: string;
  /** Of the website as such; absent: of the name. */
  readonly about?: 'website';
}

/** A wanted name that no certificate covers and of which nothing else is known. */
const NOT_COVERED = {
  code: 'NOT_COVERED',
  why: 'The certificate does not cover it.',
  advice: '',
} as const;
const OVER_LIMIT = {
  code: 'OVER_PROVIDER_LIMIT',
  why: 'The provider takes no more names in one certificate.',
  advice: 'Split the domains over several websites, or exclude names that are not needed.',
} as const;

/** Names that a website gets without being asked, beside the services'. */
const AUTOMATIC = /^(?:www|mail)\.(.+)$/;
const NOT_IN_DNS: ReadonlySet<string> = new Set(['NXDOMAIN', 'NO_ADDRESS']);

type FactsOfNames = Pick<WebsiteFacts, 'vhost' | 'wanted' | 'everCovered'>;

/** Makes what is told of each name of one website. */
export class NameTroubles {
  readonly #facts: FactsOfNames;
  readonly #known: ReadonlyMap<string, KnownTrouble>;
  readonly #services: ReadonlySet<string>;
  readonly #covered: ReadonlySet<string>;
  readonly #overLimit: ReadonlySet<string>;
  readonly #wanted: ReadonlySet<string>;

  /** `known`: of the website's account, or of the website alone. */
  constructor(facts: FactsOfNames, known: readonly KnownTrouble[], overLimit: readonly string[] = []) {
    this.#facts = facts;
    this.#known = new Map(
      known
        .filter(({ vhost, about }) => vhost === facts.vhost && about === undefined)
        .map((one) => [one.domain, one]),
    );
    this.#services = new Set(facts.wanted.flatMap(({ name, isService }) => (isService ? [name] : [])));
    this.#covered = new Set(facts.everCovered);
    this.#overLimit = new Set(overLimit);
    this.#wanted = new Set(facts.wanted.map(({ name }) => name));
  }

  /** Whether anything is known of why the name is not covered. */
  isKnown(name: string): boolean {
    return this.#known.has(name) || this.#overLimit.has(name);
  }

  /** The wanted names of which something is known. */
  all(): readonly string[] {
    return this.#facts.wanted.map(({ name }) => name).filter((name) => this.isKnown(name));
  }

  of(name: string): NoticeName {
    const trouble = this.#known.get(name);
    const words = this.#overLimit.has(name) ? OVER_LIMIT : NOT_COVERED;
    return {
      name,
      ...(trouble === undefined
        ? words
        : { code: trouble.code, why: seenIn(trouble.message), advice: trouble.advice ?? '' }),
      isServiceName:
        this.#services.has(name) || (trouble !== undefined && this.#isUnused(name, trouble.code)),
      wasCovered: this.#covered.has(name),
      failingSince: trouble?.since === undefined ? null : new Date(trouble.since),
      ...(trouble?.pointsElsewhere === true ? { pointsElsewhere: true } : {}),
      ...(trouble?.unpauseUrl === undefined ? {} : { unpauseUrl: trouble.unpauseUrl }),
    };
  }

  /** `www.` or `mail.` of a name of the website, which DNS does not know: nobody asked for it, as for `cpanel.` */
  #isUnused(name: string, code: string): boolean {
    const [, parent] = AUTOMATIC.exec(name) ?? [];
    return (
      parent !== undefined && NOT_IN_DNS.has(code) && this.#wanted.has(parent) && !this.#covered.has(name)
    );
  }

  /** Nothing is wrong with these. */
  secured(names: readonly string[]): readonly NoticeName[] {
    return names.map((name) => ({
      name,
      code: 'SECURED',
      why: '',
      advice: '',
      isServiceName: this.#services.has(name),
      wasCovered: this.#covered.has(name),
      failingSince: null,
    }));
  }
}

/** Lines of the log begin with the name, which a notice names already: what was seen stands after the first colon. */
function seenIn(message: string): string {
  const colon = message.indexOf(': ');
  return colon < 0 ? message : message.slice(colon + 2);
}
