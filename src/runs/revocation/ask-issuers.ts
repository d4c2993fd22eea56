import type { RunEvent } from '../../core/report/events/event.js';
import { issuersAsked, revocationUnknown } from '../../core/report/events/revocation-events.js';
import { deadlineIn } from '../deadline.js';
import type { KnownRevocation } from '../ports/revocation.js';
import { ListAsker } from './ask-lists.js';
import { ResponderAsker } from './ask-responders.js';
import { LearntRevocations } from './learnt-revocations.js';
import type { AskedCertificate, ListQuestions } from './list-questions.js';
import type { RevocationHost } from './revocation-host.js';
import { SilentHosts } from './silent-hosts.js';

/** Lists fetched and read at once. Each may take its largest size in memory, a usual one a few hundred kB. */
const LISTS_AT_ONCE = 4;
/** Questions to responders at once; each is answered by a few kB. */
const RESPONDERS_AT_ONCE = 4;
/** No run waits longer for all lists and responders together. */
const TOTAL_TIMEOUT_MS = 5 * 60_000;

/**
 * Asks each list once about all its certificates, and each certificate's responder where it names no list, and remembers
 * what they say. Gives the fingerprints of which something else is known than before. What cannot be found out stays as it
 * was, and is said once. Rejects for nothing that concerns an issuer or the network.
 */
export async function askIssuers(
  questions: ListQuestions,
  host: RevocationHost,
  record: (...events: readonly RunEvent[]) => void,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const { lists, responders, certificates } = questions;
  if (certificates === 0) return new Set();
  const learnt = new LearntRevocations(host.known);
  const hosts = new SilentHosts(AbortSignal.any([signal, deadlineIn(TOTAL_TIMEOUT_MS).signal]));
  const ofLists = new ListAsker(host, hosts, learnt);
  await inTurns(lists, LISTS_AT_ONCE, (list) => ofLists.ask(list));
  const ofResponders = new ResponderAsker(host, hosts, learnt);
  const { tasks, leftOver } = ofResponders.begin(responders);
  await inTurns(tasks, RESPONDERS_AT_ONCE, (task) => ofResponders.ask(task));
  await host.answers.keep(ofResponders.answers);
  await host.known.learn(learnt.news);
  await host.cache.tidy(host.clock.now());
  const all = [...lists, ...responders].flatMap((one) => one.certificates);
  const revoked = all.filter(({ fingerprint }) => host.known.of(fingerprint)).length;
  const byResponder = responders.reduce((sum, one) => sum + one.certificates.length, 0);
  record(issuersAsked({ lists: lists.length, certificates, byResponder, leftOver, revoked }));
  if (!signal.aborted) record(...learnt.unknown().map(revocationUnknown));
  return new Set([...learnt.news.keys(), ...sharingKeys(all, learnt.news)]);
}

/** Certificates of the keys of which it was learnt that somebody else has them. */
function sharingKeys(
  certificates: readonly AskedCertificate[],
  news: ReadonlyMap<string, KnownRevocation | null>,
): readonly string[] {
  const lost = new Set(
    [...news.values()].map((one) => (one?.reason === 'keyCompromise' ? one.keyHash : null)),
  );
  return certificates.filter(({ keyHash }) => lost.has(keyHash)).map(({ fingerprint }) => fingerprint);
}

async function inTurns<Task>(
  tasks: readonly Task[],
  atOnce: number,
  work: (task: Task) => Promise<void>,
): Promise<void> {
  const waiting = tasks.values();
  const workers = Array.from({ length: Math.min(atOnce, tasks.length) }, async () => {
    for (const task of waiting) await work(task);
  });
  await Promise.all(workers);
}
