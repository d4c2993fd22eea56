import type { DomainName } from '../../core/domain/name/names.js';
import type { TlsObservation } from '../../core/plan/served/served.js';
import { ServedDirectory, type ServedPlace } from '../../core/plan/served/served-places.js';
import type { NameOffer } from '../../core/sni/offer.js';
import type { WebServer } from '../ports/installation.js';
import type { SniHost } from './sni-host.js';

/** A daemon that lives and was told serves what it was told within this time. */
const PATIENCE_MS = 5_000;
/** One that failed may start its parts again only some seconds later. */
const RECOVERY_MS = 15_000;
const LOOK_EVERY_MS = 250;
/** One handshake with a daemon of this machine. */
const HANDSHAKE_MS = 3_000;
/** Sockets at which a daemon is asked: those of one daemon on a few addresses. */
const MAX_PLACES = 8;
/** One name may be somebody else's by another block of the configuration; not all of these. */
const MAX_SAMPLES = 3;

interface Sample {
  readonly name: string;
  /** Of the leaf. */
  readonly fingerprint: string;
}

/** What a daemon answered before its table changed. */
export interface Baseline {
  /** Where it answers by this server's own name. */
  readonly places: readonly ServedPlace[];
  /** Of names that are offered as before, those that it serves. */
  readonly served: readonly Sample[];
}

/** `unknown`: nobody could be asked, or there was nothing to ask for. `why`: one clause. */
export type NameProof =
  | { readonly state: 'served' }
  | { readonly state: 'unknown' }
  | { readonly state: 'not-served'; readonly why: string };

type Host = Pick<SniHost, 'tls' | 'clock' | 'pairs'>;
type Asked = Pick<WebServer, 'readSites'>;

/** Asks a daemon by handshakes, at its own places, for names of customers and for this server's own. */
export class NameProver {
  readonly #host: Host;
  readonly #hostname: DomainName;
  readonly #signal: AbortSignal;

  constructor(host: Host, hostname: DomainName, signal: AbortSignal) {
    this.#host = host;
    this.#hostname = hostname;
    this.#signal = signal;
  }

  /** To be taken before the table changes. `known`: offers that lie in it already. */
  async baseline(asked: Asked, known: readonly NameOffer[]): Promise<Baseline> {
    const places: ServedPlace[] = [];
    for (const place of await this.#places(asked)) {
      if ((await this.#see(place, this.#hostname)).error === null) places.push(place);
    }
    const samples = await this.#samples(known);
    const served: Sample[] = [];
    for (const sample of samples) if (await this.#isServed(sample, places)) served.push(sample);
    return { places, served: served.slice(0, 1) };
  }

  /**
   * Whether it answers by this server's own name wherever it did, serves one of the new names, and one that it served before;
   * waits some seconds for that.
   */
  async prove({ places, served }: Baseline, fresh: readonly NameOffer[]): Promise<NameProof> {
    if (places.length === 0) return { state: 'unknown' };
    const groups = [await this.#samples(fresh), served].filter((samples) => samples.length > 0);
    const why = await this.#await(
      PATIENCE_MS,
      async () => (await this.#silence(places)) ?? this.#missing(groups, places),
    );
    if (this.#signal.aborted) return { state: 'unknown' };
    if (why !== undefined) return { state: 'not-served', why };
    return { state: groups.length === 0 ? 'unknown' : 'served' };
  }

  /** Whether it serves one of these names now. */
  async look(asked: Asked, offers: readonly NameOffer[]): Promise<NameProof> {
    const samples = await this.#samples(offers);
    const places = await this.#places(asked);
    if (samples.length === 0 || places.length === 0) return { state: 'unknown' };
    const why = await this.#missing([samples], places);
    return why === undefined ? { state: 'served' } : { state: 'not-served', why };
  }

  /** Why it does not answer again where it did; undefined: it does, or nobody knows where. */
  async awaitAnswer({ places }: Baseline): Promise<string | undefined> {
    return await this.#await(RECOVERY_MS, () => this.#silence(places));
  }

  async #await(
    patienceMs: number,
    findFault: () => Promise<string | undefined>,
  ): Promise<string | undefined> {
    const { clock } = this.#host;
    const until = clock.now().getTime() + patienceMs;
    for (let looks = 1; ; looks += 1) {
      const why = await findFault();
      const isOver =
        looks >= patienceMs / LOOK_EVERY_MS || clock.now().getTime() >= until || this.#signal.aborted;
      if (why === undefined || isOver) return why;
      await clock.sleep(LOOK_EVERY_MS, this.#signal).catch(() => undefined);
    }
  }

  async #silence(places: readonly ServedPlace[]): Promise<string | undefined> {
    for (const place of places) {
      const { error } = await this.#see(place, this.#hostname);
      if (error !== null) return `it no longer answers at ${wordsOf(place)} (${error})`;
    }
    return undefined;
  }

  /** One of each group, at one place: elsewhere the configuration may say otherwise. */
  async #missing(
    groups: readonly (readonly Sample[])[],
    places: readonly ServedPlace[],
  ): Promise<string | undefined> {
    for (const samples of groups) {
      let isSeen = false;
      for (const sample of samples) isSeen ||= await this.#isServed(sample, places);
      const [place] = places;
      if (!isSeen && place !== undefined)
        return `asked for ${samples.map(({ name }) => name).join(', ')} at ${wordsOf(place)}${places.length > 1 ? ' and elsewhere' : ''} it shows another certificate`;
    }
    return undefined;
  }

  async #isServed({ name, fingerprint }: Sample, places: readonly ServedPlace[]): Promise<boolean> {
    for (const place of places) {
      if (this.#signal.aborted) return false;
      if ((await this.#see(place, name)).fingerprint === fingerprint) return true;
    }
    return false;
  }

  /** Exact names first. */
  async #samples(offers: readonly NameOffer[]): Promise<readonly Sample[]> {
    const exact = offers.filter(({ name }) => !name.startsWith('*.'));
    const chosen = [...exact.slice(0, MAX_SAMPLES), ...offers.filter((offer) => !exact.includes(offer))];
    const samples: Sample[] = [];
    for (const { name, pair } of chosen.slice(0, MAX_SAMPLES)) {
      const fingerprint = await this.#host.pairs.leafOf(pair);
      const asked = name.startsWith('*.') ? `autossl-probe${name.slice(1)}` : name;
      if (fingerprint !== null) samples.push({ name: asked, fingerprint });
    }
    return samples;
  }

  async #places(asked: Asked): Promise<readonly ServedPlace[]> {
    const sites = await asked.readSites();
    if ('fault' in sites) return [];
    const names = sites.flatMap((site) => site.names.slice(0, 1));
    return new ServedDirectory(sites).placesOf([...new Set(names)]).places.slice(0, MAX_PLACES);
  }

  async #see({ address, port, startTls }: ServedPlace, serverName: string): Promise<TlsObservation> {
    return await this.#host.tls.handshake({
      address,
      port,
      serverName,
      timeoutMs: HANDSHAKE_MS,
      signal: this.#signal,
      ...(startTls === undefined ? {} : { startTls }),
    });
  }
}

function wordsOf({ address, port }: ServedPlace): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
