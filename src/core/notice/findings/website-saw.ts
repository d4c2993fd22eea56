import { isServersOwn } from '../../domain/account/hostname-owner.js';
import type { RunEvent } from '../../report/events/event.js';
import { isWaiting } from '../../report/status/waiting.js';
import { quoted } from '../../report/text/wording.js';

/** What a run's events say of one website, beside what they say of its single names. */
export interface WebsiteSaw {
  readonly account: string;
  readonly vhost: string;
  /** The certificate that it got, by fingerprint, and the names in it. */
  readonly installed: { readonly fingerprint: string; readonly names: readonly string[] } | null;
  /** What was published is not what visitors are shown. */
  readonly unserved: Cause | null;
  /** It was not served with its certificate when it was last asked for, and is now. */
  readonly isNowServed: boolean;
  /** Why there is no new certificate; null: there is one, or none was wanted. */
  readonly cause: Cause | null;
  /** Names more than the provider takes. */
  readonly overLimit: readonly string[];
}

export interface Cause {
  /** Of the event. */
  readonly code: string;
  /** One printable line. */
  readonly text: string;
  /** Waits for something, without a fault. */
  readonly isWait: boolean;
  readonly isOurs: boolean;
  /** When what is waited for ends; null: no such instant. */
  readonly dueAt: Date | null;
  /** Names that stand in the way. */
  readonly failing: readonly string[];
}

/** What accompanies an order, or an installation, and prevents none. */
const NO_CAUSE: ReadonlySet<string> = new Set([
  'COVERAGE_REDUCED',
  'OVER_PROVIDER_LIMIT',
  'CAA_RECORD_NOT_ADDED',
  'PUBLISHED_NOT_SERVED',
]);

/** What these events say of each website, by its name; `@server` has no websites. */
export function sawIn(events: readonly RunEvent[]): ReadonlyMap<string, WebsiteSaw> {
  const saw = new Map<string, WebsiteSaw>();
  for (const event of events) {
    const { account, vhost } = event;
    if (account === undefined || vhost === undefined || isServersOwn({ account })) continue;
    const before = saw.get(vhost) ?? { account, vhost, ...NOTHING };
    saw.set(vhost, { ...before, ...newsOf(event) });
  }
  return saw;
}

const NOTHING = {
  installed: null,
  unserved: null,
  isNowServed: false,
  cause: null,
  overLimit: [],
} as const;

function newsOf(event: RunEvent): Partial<WebsiteSaw> {
  switch (event.code) {
    case 'CERTIFICATE_INSTALLED': {
      const { fingerprint, names } = event.data as { fingerprint: string; names: readonly string[] };
      return { installed: { fingerprint, names }, cause: null };
    }
    case 'PUBLISHED_NOT_SERVED':
      return { unserved: causeOf(event) };
    case 'NOW_SERVED':
      return { isNowServed: true };
    case 'OVER_PROVIDER_LIMIT':
      return { overLimit: (event.data as { names?: readonly string[] } | undefined)?.names ?? [] };
    default:
      return isCause(event) ? { cause: causeOf(event) } : {};
  }
}

function isCause(event: RunEvent): boolean {
  if (event.name !== undefined || NO_CAUSE.has(event.code)) return false;
  return event.fault !== undefined || event.code === 'ORDER_PENDING' || isWaiting(event);
}

function causeOf(event: RunEvent): Cause {
  const { why, dueAt, failing } = (event.data ?? {}) as {
    readonly why?: string;
    readonly dueAt?: string | null;
    readonly failing?: readonly string[];
  };
  return {
    code: event.code,
    text: why === undefined ? withoutWebsite(event) : sentenceStart(why),
    isWait: isWaiting(event),
    isOurs: event.fault === 'ours',
    dueAt: typeof dueAt === 'string' ? new Date(dueAt) : null,
    failing: failing ?? [],
  };
}

/** A notice names the website already, and the code stands beside the text. */
function withoutWebsite({ contents, vhost = '', code }: RunEvent): string {
  const prefixes = [`${quoted(vhost)}: `, `Impediment: ${code}: `];
  return sentenceStart(
    prefixes.reduce((rest, prefix) => (rest.startsWith(prefix) ? rest.slice(prefix.length) : rest), contents),
  );
}

function sentenceStart(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
