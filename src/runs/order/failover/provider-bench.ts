import { isServersOwn } from '../../../core/domain/account/hostname-owner.js';
import { AcmeProtocolError, ConfigurationError } from '../../../core/domain/autossl-error.js';
import { printable } from '../../../core/domain/name/names.js';
import type { WebsiteRef } from '../../../core/domain/website/website.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import {
  type CaStanding,
  homeOf,
  leavesAt,
  patienceFor,
  type Urgency,
} from '../../../core/provider/failover.js';
import { fallbackUnusable } from '../../../core/report/events/failover-events.js';
import type { WaitCode } from '../../../core/report/status/waiting.js';
import type { CheckHost } from '../../check/check-host.js';
import type { ClockWitness } from '../../check/clock-witness.js';
import type { RunRecorder } from '../../check/run-recorder.js';
import type { IssuedRecord } from '../../ports/orders.js';
import { OrderDesk, type Wait } from '../order-desk.js';

/** Unless the setting says otherwise. */
const OUTAGE_MS = 60 * 60_000;
/** Waits that are a CA's word, or that it cannot be talked to: our own share, and what ends a run, is no reason to leave. */
const OF_THE_CA: ReadonlySet<WaitCode> = new Set([
  'STOPPED_BY_CA',
  'LIMITED_BY_CA',
  'DOMAIN_LIMIT',
  'PROVIDER_UNREACHABLE',
  'PROVIDER_NEEDS_A_PERSON',
]);

/**
 * Why a website is not ordered for at a provider: something that it waits for there, that CAA forbids it, or that an order of
 * its pends there and may come too late.
 */
export type Leaving = Omit<Wait, 'code'> & { readonly code: WaitCode | AtOnce };
type AtOnce = 'CAA_FORBIDS' | 'ORDER_PENDING';

/** What a provider is to be found for: a website, or this server itself. */
export interface Seeker {
  readonly website: WebsiteRef;
  readonly urgency: Urgency;
}

/** Who is asked for a website. */
export interface Turn {
  readonly desk: OrderDesk;
  /** The provider whose turn it was. */
  readonly home: string;
  /** Why it is not asked, one clause; null: it is. */
  readonly why: string | null;
  /** What the website waits for there; null: it is open. */
  readonly wait: Leaving | null;
}

/** How desks are opened. */
export interface Opening {
  /** Opens the active provider's, and says what all of its websites wait for. */
  open(desk: OrderDesk): Promise<Wait | null>;
  /** Hears what each provider says of our clock. */
  readonly witness: Pick<ClockWitness, 'hear'>;
}

/** The desks of all providers that this server may order from, each opened when it is first needed. */
export class ProviderBench {
  readonly #host: CheckHost;
  readonly #desks: ReadonlyMap<string, OrderDesk>;
  readonly #recorder: RunRecorder;
  readonly #openDesk: Opening['open'];
  readonly #witness: Opening['witness'];
  readonly #opened = new Map<string, Promise<Wait | null>>();

  /** `fallbacks`: who may stand in for it. */
  constructor(
    host: CheckHost,
    recorder: RunRecorder,
    signal: AbortSignal,
    { open, witness }: Opening,
    fallbacks: readonly ProviderDescription[] = host.fallbacks ?? [],
  ) {
    this.#host = host;
    this.#recorder = recorder;
    this.#openDesk = open;
    this.#witness = witness;
    const providers = [host.provider, ...fallbacks];
    this.#desks = new Map(
      providers.map((provider) => [provider.name, new OrderDesk(provider, host, recorder, signal)]),
    );
  }

  /** The active provider's. */
  get first(): OrderDesk {
    return this.#deskOf(this.#host.provider.name);
  }

  get hasOthers(): boolean {
    return this.#desks.size > 1;
  }

  async close(): Promise<void> {
    for (const desk of this.#desks.values()) await desk.close();
  }

  /**
   * Who is asked for the website: its own provider, or the first of the list that can be used when that has been waited for long
   * enough; `left`: those that were found not to take it, and why.
   */
  async turnOf({ website, urgency }: Seeker, left: ReadonlyMap<string, Leaving> = new Map()): Promise<Turn> {
    const list = [...this.#desks.keys()];
    const home = this.hasOthers ? await this.#homeOf(website, list) : this.#host.provider.name;
    const wait = left.get(home) ?? (await this.waitAt(home));
    const atHome: Turn = { desk: this.#deskOf(home), home, why: null, wait };
    if (wait === null || !this.hasOthers) return atHome;
    const goesAt = await this.#leavesAt(home, wait, urgency);
    if (goesAt === null) return atHome;
    const now = this.#host.clock.now();
    if (goesAt > now) return { ...atHome, wait: { ...wait, until: wait.until ?? goesAt } };
    for (const other of list) {
      if (other === home || left.has(other)) continue;
      if ((await this.waitAt(other)) !== null) continue;
      const why = `${printable(home)}: ${wait.message.replace(/\.$/, '')}`;
      return { desk: this.#deskOf(other), home, why, wait: null };
    }
    return atHome;
  }

  /** Whether the website need not wait for this: another provider may be asked now. */
  async mayLeave(desk: OrderDesk, wait: Leaving, { urgency }: Seeker): Promise<boolean> {
    if (!this.hasOthers) return false;
    const goesAt = await this.#leavesAt(desk.provider.name, wait, urgency);
    return goesAt !== null && goesAt <= this.#host.clock.now();
  }

  /** Who stood in for this provider when the website's certificate was issued; null: nobody. */
  async stoodInFor(website: WebsiteRef, home: string): Promise<string | null> {
    const [newest, before] = await this.#issuedTo(website);
    const isBack = newest?.provider === home && before?.insteadOf === home;
    return isBack ? before.provider : null;
  }

  /** What all websites wait for at this provider; null: it is open. */
  async waitAt(name: string): Promise<Wait | null> {
    const desk = this.#deskOf(name);
    const opened = this.#opened.get(name) ?? this.#openOf(desk);
    this.#opened.set(name, opened);
    const wait = (await opened) ?? (await desk.wait(true));
    return wait !== null && OF_THE_CA.has(wait.code) ? wait : null;
  }

  /** As `waitAt`, with what else holds all orders back. */
  async openFirst(): Promise<Wait | null> {
    const { name } = this.#host.provider;
    const opened = this.#opened.get(name) ?? this.#openOf(this.first);
    this.#opened.set(name, opened);
    return opened;
  }

  async #openOf(desk: OrderDesk): Promise<Wait | null> {
    if (desk === this.first) return this.#openDesk(desk);
    const wait = await desk.wait(true);
    if (wait !== null) return wait;
    try {
      const refused = await desk.open();
      if (refused === null) return await this.#hearClock(desk);
      this.#recorder.record(fallbackUnusable(desk.provider.name, 'it refuses our account.'));
      return { code: 'PROVIDER_NEEDS_A_PERSON', message: 'the provider refuses our account.', until: null };
    } catch (error) {
      if (desk.signal.aborted) return desk.wait(true);
      if (!(error instanceof AcmeProtocolError || error instanceof ConfigurationError)) throw error;
      const message = printable(error.message);
      await desk.noteDown(message);
      this.#recorder.record(fallbackUnusable(desk.provider.name, `${message}.`));
      const code = error instanceof ConfigurationError ? 'PROVIDER_NEEDS_A_PERSON' : 'PROVIDER_UNREACHABLE';
      return { code, message: 'the provider cannot be used now.', until: null };
    }
  }

  /** As at the active provider's: by a clock that is off nothing is ordered from anybody. @throws StateError BRAKE */
  async #hearClock(desk: OrderDesk): Promise<Wait | null> {
    if ((await this.#witness.hear(desk)) === 'trusted') return null;
    this.#recorder.record(fallbackUnusable(desk.provider.name, 'its clock is off.'));
    return { code: 'PROVIDER_UNREACHABLE', message: 'the provider’s clock is off.', until: null };
  }

  async #homeOf(website: WebsiteRef, list: readonly string[]): Promise<string> {
    const [newest] = await this.#issuedTo(website);
    return homeOf(newest ?? null, list) ?? this.#host.provider.name;
  }

  /** Newest first. A website may be called as the server itself is: each has its own. */
  async #issuedTo(website: WebsiteRef): Promise<readonly IssuedRecord[]> {
    const records = await this.#host.issued.read(website.vhost);
    return records.filter((one) => isServersOwn(one) === isServersOwn(website));
  }

  async #leavesAt(name: string, wait: Leaving, urgency: Urgency): Promise<Date | null> {
    const now = this.#host.clock.now();
    if (wait.code === 'CAA_FORBIDS' || wait.code === 'ORDER_PENDING') return now;
    const standing = await this.#standingOf(name, { ...wait, code: wait.code });
    const patienceMs = patienceFor(urgency, this.#host.settings.outageMs ?? OUTAGE_MS, now);
    return leavesAt(standing, patienceMs, now);
  }

  async #standingOf(name: string, { code, until }: Wait): Promise<CaStanding> {
    if (!OF_THE_CA.has(code)) return { state: 'open' };
    if (until !== null && code !== 'PROVIDER_UNREACHABLE') return { state: 'held', until };
    return { state: 'down', since: (await this.#deskOf(name).downSince()) ?? this.#host.clock.now() };
  }

  #deskOf(name: string): OrderDesk {
    return this.#desks.get(name) ?? this.first;
  }
}
