import { hostNameIn } from '../../core/domain/name/names.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import {
  judgeServed,
  type NotServedCode,
  type ServedFacts,
  type ServedObservation,
  type TlsObservation,
} from '../../core/plan/served/served.js';
import {
  ServedDirectory,
  type ServedPlace,
  type ServedPlaces,
} from '../../core/plan/served/served-places.js';
import type { ServerSite } from '../../core/plan/served/server-site.js';
import type { CertificateStore } from '../ports/certificates.js';
import type { InstallHost, ServedProof } from './install-ports.js';

/** A website whose certificate should answer. */
export interface ProofSubject {
  readonly website: WebsiteRef;
  /** To ask for: those of the certificate. */
  readonly names: readonly string[];
  /** Fingerprint of the leaf that should answer. */
  readonly expected: string;
  /** Of the leaf that answered before; null without one. */
  readonly previous: string | null;
  /** The file that the website's site should name. */
  readonly combinedFile: string;
}

export interface ProofOptions {
  /** So long a website may take until it is served; 0 = each place is asked once. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

type ProofHost = Pick<InstallHost, 'tls' | 'ownAddresses' | 'clock'> & {
  readonly certificates: Pick<CertificateStore, 'gatherEvidence'>;
};

/** Handshakes at once: a burst that any web server takes, and few enough for two cores. */
const HANDSHAKES_AT_ONCE = 20;
/** Between two rounds: at first a worker that is about to begin is waited for, later nothing is hammered. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** What only changes when somebody changes the configuration is asked for so long, in ms: enough for the last old worker. */
const SETTLED_PATIENCE_MS = 1_000;
/** Of a stranger's names so many are looked for among our websites. */
const NAMES_LOOKED_UP = 3;
const SETTLED: ReadonlySet<NotServedCode> = new Set([
  'NO_TLS_SITE',
  'OTHER_WEBSITES_CERTIFICATE',
  'OTHER_CERTIFICATE',
  'NO_TLS',
  'NAME_REJECTED',
]);

/**
 * Asks for each website at every address and port where the servers' configurations have its names with TLS, until its
 * certificate answers or the patience is over. A website that no site has is asked for where a default site would answer.
 * `sites` null: nothing is known of the servers, and nobody is asked: a website that is absent from the result is unknown.
 */
export async function proveServed(
  subjects: readonly ProofSubject[],
  sites: readonly ServerSite[] | null,
  host: ProofHost,
  options: ProofOptions,
): Promise<ReadonlyMap<string, ServedProof>> {
  if (sites === null || subjects.length === 0) return new Map();
  const directory = new ServedDirectory(sites, host.ownAddresses);
  const websites = websitesByFingerprint(subjects);
  const isService = sites.length > 0 && sites.every(({ server }) => server === 'service');
  const questions = subjects.map((subject) => new Question(subject, directory, websites, isService));
  const startedAt = host.clock.now().getTime();
  let open = questions;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    await askAll(open, host, options.signal);
    const elapsedMs = host.clock.now().getTime() - startedAt;
    open = open.filter((question) => !question.isSettled(elapsedMs));
    if (open.length === 0 || elapsedMs >= options.patienceMs || options.signal.aborted) break;
    await host.clock.sleep(pauseMs, options.signal).catch(() => undefined);
  }
  for (const question of questions) await recognise(question, websites, host);
  return new Map(questions.map((question) => [question.subject.website.vhost, question.proof()]));
}

/** What is asked for one website, and what was seen last. */
class Question {
  readonly subject: ProofSubject;
  readonly #places: ServedPlaces;
  readonly #facts: ServedFacts;
  readonly #asked: readonly Omit<ServedPlace, 'site'>[];
  #observations: readonly ServedObservation[] = [];

  constructor(
    subject: ProofSubject,
    directory: ServedDirectory,
    websites: ReadonlyMap<string, string>,
    isService: boolean,
  ) {
    this.subject = subject;
    this.#places = directory.placesOf(subject.names);
    const hasSite = this.#places.places.length > 0;
    this.#asked = hasSite ? this.#places.places : directory.defaultPlacesOf(subject.names[0] ?? '');
    this.#facts = {
      expected: subject.expected,
      previous: subject.previous,
      combinedFile: subject.combinedFile,
      websiteOf: (fingerprint) => websites.get(fingerprint),
      hasSite,
      isService,
    };
  }

  async ask(
    host: ProofHost,
    signal: AbortSignal,
    inTurn: <T>(task: () => Promise<T>) => Promise<T>,
  ): Promise<void> {
    this.#observations = await Promise.all(
      this.#asked.map(({ name, address, port, startTls }) =>
        inTurn(async () => ({
          name,
          address,
          port,
          // A signal for each: one that many wait for warns of a leak.
          observation: await host.tls.handshake({
            address,
            port,
            serverName: name,
            ...(startTls === undefined ? {} : { startTls }),
            signal: AbortSignal.any([signal]),
          }),
        })),
      ),
    );
  }

  /** What answered and is not this website's. */
  strangers(): readonly TlsObservation[] {
    return this.#observations
      .map(({ observation }) => observation)
      .filter(({ fingerprint }) => fingerprint !== null && fingerprint !== this.subject.expected);
  }

  isSettled(elapsedMs: number): boolean {
    const { verdict } = this.proof();
    if (verdict.served) return true;
    return (
      this.#places.places.length === 0 || (SETTLED.has(verdict.code) && elapsedMs >= SETTLED_PATIENCE_MS)
    );
  }

  proof(): ServedProof {
    return {
      verdict: judgeServed(this.#facts, this.#observations),
      observations: this.#observations,
      namesWithoutSite: this.#places.namesWithoutSite,
    };
  }
}

/** A certificate that answers for another website mostly carries that website's name: what lies there tells. */
async function recognise(
  question: Question,
  websites: Map<string, string>,
  { certificates }: ProofHost,
): Promise<void> {
  for (const { fingerprint, names } of question.strangers()) {
    for (const name of names.slice(0, NAMES_LOOKED_UP)) {
      const vhost = hostNameIn(name);
      if (vhost === null || fingerprint === null || websites.has(fingerprint)) continue;
      const evidence = await certificates.gatherEvidence({
        account: question.subject.website.account,
        vhost,
      });
      if (evidence.kind === 'present' && evidence.leaf.fingerprint === fingerprint) {
        websites.set(fingerprint, vhost);
      }
    }
  }
}

async function askAll(questions: readonly Question[], host: ProofHost, signal: AbortSignal): Promise<void> {
  const { default: PQueue } = await import('p-queue');
  const queue = new PQueue({ concurrency: HANDSHAKES_AT_ONCE });
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => queue.add(task) as Promise<T>;
  await Promise.all(questions.map((question) => question.ask(host, signal, inTurn)));
}

function websitesByFingerprint(subjects: readonly ProofSubject[]): Map<string, string> {
  const websites = new Map<string, string>();
  for (const { website, expected, previous } of subjects) {
    if (previous !== null) websites.set(previous, website.vhost);
    websites.set(expected, website.vhost);
  }
  return websites;
}
