import { openRevocationList } from '../../core/certificate/revocation/revocation-list-signature.js';
import type { RunEvent } from '../../core/report/events/event.js';
import {
  issuersAsked,
  revocationUnknown,
  type UnknownLists,
} from '../../core/report/events/revocation-events.js';
import { judgeRevocations } from '../../core/revocation/judge.js';
import type { ListVerdict } from '../../core/revocation/verdict.js';
import { deadlineIn } from '../deadline.js';
import type { DownloadedList, KeptList, KnownRevocation } from '../ports.js';
import type { AskedList, ListQuestions } from './list-questions.js';
import type { RevocationHost } from './revocation-host.js';

/** Lists fetched and read at once. Each may take its largest size in memory, a usual one a few hundred kB. */
const LISTS_AT_ONCE = 4;
/** A list that was asked for within this time is not asked for again: issuers make new ones every few hours. */
const FRESH_MS = 3_600_000;
/** No run waits longer for all lists together. */
const TOTAL_TIMEOUT_MS = 5 * 60_000;
/** Lists of one host that fail for want of an answer, before the others of that host count as failed too. */
const MAX_HOST_FAILURES = 2;

/**
 * Asks each list once about all its certificates and remembers what it says. Gives the fingerprints of which something
 * else is known than before. What cannot be found out stays as it was, and is said once. Rejects for nothing that
 * concerns a list or the network.
 */
export async function askIssuers(
  questions: ListQuestions,
  host: RevocationHost,
  record: (...events: readonly RunEvent[]) => void,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { lists, certificates, onlyResponders } = questions;
  if (lists.length === 0) return new Set();
  const asking = new IssuersAsked(host, AbortSignal.any([signal, deadlineIn(TOTAL_TIMEOUT_MS).signal]));
  const waiting = [...lists];
  const workers = Array.from({ length: Math.min(LISTS_AT_ONCE, lists.length) }, async () => {
    for (let list = waiting.shift(); list !== undefined; list = waiting.shift()) await asking.ask(list);
  });
  await Promise.all(workers);
  const changed = new Set([...asking.news.keys(), ...sharingKeys(lists, asking.news)]);
  await host.known.learn(asking.news);
  await host.cache.tidy(host.clock.now());
  const revoked = lists.flatMap((list) => list.certificates).filter((one) => host.known.of(one.fingerprint));
  record(issuersAsked({ lists: lists.length, certificates, revoked: revoked.length, onlyResponders }));
  if (!signal.aborted) record(...asking.unknown().map(revocationUnknown));
  return changed;
}

/** Certificates of the keys of which it was learnt that somebody else has them. */
function sharingKeys(
  lists: readonly AskedList[],
  news: ReadonlyMap<string, KnownRevocation | null>,
): readonly string[] {
  const lost = new Set(
    [...news.values()].map((one) => (one?.reason === 'keyCompromise' ? one.keyHash : null)),
  );
  return lists
    .flatMap(({ certificates }) => certificates)
    .filter(({ keyHash }) => lost.has(keyHash))
    .map(({ fingerprint }) => fingerprint);
}

/** What was found out so far. */
class IssuersAsked {
  /** By fingerprint, what is known now and was not before; null: not revoked. */
  readonly news = new Map<string, KnownRevocation | null>();
  readonly #host: RevocationHost;
  readonly #signal: AbortSignal;
  /** By host: how many lists failed for want of an answer, and what the first one met. */
  readonly #silent = new Map<string, { readonly failures: number; readonly why: string }>();
  readonly #unknown = new Map<string, UnknownLists>();

  constructor(host: RevocationHost, signal: AbortSignal) {
    this.#host = host;
    this.#signal = signal;
  }

  async ask(list: AskedList): Promise<void> {
    let fault: { readonly url: string; readonly why: string } | undefined;
    for (const url of list.urls) {
      const answer = await this.#askAt(url, list);
      if (typeof answer !== 'string') return this.#note(list, answer);
      fault ??= { url, why: answer };
    }
    if (fault !== undefined) this.#noteUnknown(list, fault.url, fault.why);
  }

  /** In a few words each, one for every host and reason. */
  unknown(): readonly UnknownLists[] {
    return [...this.#unknown.values()];
  }

  /** What the list there says, or one clause about why that is not known. */
  async #askAt(url: string, list: AskedList): Promise<KnownVerdict | string> {
    const { cache, clock } = this.#host;
    const kept = await cache.read(url);
    const keptSays = kept === null ? null : await this.#judge(kept.der, url, list, kept);
    const isKnown = keptSays?.status === 'known';
    const age = kept === null ? Number.POSITIVE_INFINITY : clock.now().getTime() - kept.askedAt.getTime();
    if (isKnown && age >= 0 && age < FRESH_MS) return keptSays;
    const fetched = await this.#fetch(url, isKnown ? kept : null);
    if (fetched.state === 'unchanged' && kept !== null && isKnown) {
      await cache.keep(url, { ...kept, askedAt: clock.now() });
      return keptSays;
    }
    if (fetched.state !== 'fetched') {
      return isKnown ? keptSays : fetched.state === 'failed' ? fetched.why : 'it said “unchanged” of nothing';
    }
    const says = await this.#judge(fetched.der, url, list, null);
    // Whoever stands between may hand out an old one for as long as it holds: what is newer is here already.
    if (isKnown && (says.status === 'unknown' || says.thisUpdate < keptSays.thisUpdate)) return keptSays;
    if (says.status === 'unknown') return `the list ${says.fault.why}`;
    const { der, validators } = fetched;
    await cache.keep(url, {
      der,
      validators,
      askedAt: clock.now(),
      verifiedWith: list.issuer.fingerprint,
    });
    return says;
  }

  async #judge(der: Uint8Array, url: string, list: AskedList, kept: KeptList | null): Promise<ListVerdict> {
    const isSignatureKnown = kept?.verifiedWith === list.issuer.fingerprint;
    return judgeRevocations(await openRevocationList(der, list.issuer, isSignatureKnown), {
      serials: new Set(list.certificates.map(({ serial }) => serial)),
      url,
      now: this.#host.clock.now(),
    });
  }

  async #fetch(url: string, kept: KeptList | null): Promise<DownloadedList> {
    const { host } = new URL(url);
    const silent = this.#silent.get(host);
    if (silent !== undefined && silent.failures >= MAX_HOST_FAILURES) return failed(silent.why);
    if (this.#signal.aborted) return failed('the time for asking was over');
    const validators = kept?.validators ?? null;
    const answer = await this.#host.download.fetch({ url, validators, signal: this.#signal });
    if (answer.state === 'failed' && answer.isHostDown) {
      const { failures, why } = this.#silent.get(host) ?? { failures: 0, why: answer.why };
      this.#silent.set(host, { failures: failures + 1, why });
    }
    return answer;
  }

  #note({ certificates }: AskedList, { revoked }: KnownVerdict): void {
    for (const { fingerprint, serial, keyHash, notAfter } of certificates) {
      const now = revoked.get(serial) ?? null;
      const before = this.#host.known.of(fingerprint);
      const isKeyNews = now?.reason === 'keyCompromise' && !this.#host.known.isKeyLost(keyHash);
      if (!isKeyNews && (now === null ? before === null : before?.reason === now.reason)) continue;
      this.news.set(fingerprint, now === null ? null : { ...now, keyHash, notAfter });
    }
  }

  #noteUnknown({ certificates }: AskedList, url: string, why: string): void {
    const { host } = new URL(url);
    const key = `${host} ${why}`;
    const before = this.#unknown.get(key) ?? { host, url, why, lists: 0, certificates: 0 };
    this.#unknown.set(key, {
      ...before,
      lists: before.lists + 1,
      certificates: before.certificates + certificates.length,
    });
  }
}

function failed(why: string): DownloadedList {
  return { state: 'failed', isHostDown: true, why };
}

type KnownVerdict = Extract<ListVerdict, { status: 'known' }>;
