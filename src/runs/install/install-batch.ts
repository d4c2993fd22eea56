import type { AccountName } from '../../core/domain/account/account-name.js';
import { halve } from '../../core/plan/install/install-halving.js';
import { judgeLiveness, type ServerNoun } from '../../core/plan/install/install-liveness.js';
import { isBroken } from '../../core/plan/served/served.js';
import type { RunEvent } from '../../core/report/events/event.js';
import {
  noWebServer,
  postHookFailed,
  serverConfigBroken,
  serverNotRunning,
  serverReloaded,
  serverReloadFailed,
} from '../../core/report/events/install-events.js';
import type { WebServer } from '../ports/installation.js';
import type { HeldLock } from '../ports/locks.js';
import { offerNames } from '../sni/offer-names.js';
import {
  askedNamesOf,
  type InstallHost,
  type InstallMember,
  type InstallOutcome,
  type ServedProof,
} from './install-ports.js';
import { PublishedPairs } from './published-pairs.js';
import { type ProofSubject, proveServed } from './served-proof.js';
import { servedRecordOf } from './served-record.js';
import { type RefusingServer, ServerFleet } from './server-fleet.js';

/** New workers answer within a fraction of a second; a busy machine with thousands of certificates needs seconds. */
const PROOF_PATIENCE_MS = 10_000;

/**
 * Installs a batch as one transaction (design 5.11): tests the servers as found, publishes, tests again (and finds those
 * that a server refuses), reloads each server once, watches it, and asks for every certificate. What fails is put
 * back; one website never stops another. Members keep their locks. What concerns a whole server is recorded here, what
 * became of each member is given back by website. An empty batch makes up for a reload that is owed.
 * @throws StateError when the installation's lock cannot be had or the state cannot be written
 */
export async function installBatch(
  members: readonly InstallMember[],
  host: InstallHost,
  record: (...events: readonly RunEvent[]) => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, InstallOutcome>> {
  if (members.length === 0 && !(await host.debt.isOwed())) return new Map();
  const lock = await host.locks.acquire(host.lockName, 'installation of certificates', signal);
  let outcomes: ReadonlyMap<string, InstallOutcome>;
  try {
    outcomes = await new InstallTransaction(members, host, record, lock, signal).run();
  } finally {
    await lock.release();
  }
  const isAnyPlaced = [...outcomes.values()].some(({ state }) => state !== 'held');
  if (host.sni !== null && isAnyPlaced) await offerNames(host.sni, record, signal);
  return outcomes;
}

class InstallTransaction {
  readonly #members: readonly InstallMember[];
  readonly #host: InstallHost;
  readonly #record: (...events: readonly RunEvent[]) => void;
  readonly #signal: AbortSignal;
  readonly #pairs: PublishedPairs;
  readonly #outcomes = new Map<string, InstallOutcome>();
  readonly #noun: ServerNoun;
  #fleet: ServerFleet;
  #baseline: ReadonlyMap<string, ServedProof> = new Map();
  /** Whether every server runs with what lies on disk. */
  #isSettled = true;

  constructor(
    members: readonly InstallMember[],
    host: InstallHost,
    record: (...events: readonly RunEvent[]) => void,
    lock: HeldLock,
    signal: AbortSignal,
  ) {
    this.#members = members;
    this.#host = host;
    this.#record = record;
    this.#signal = signal;
    this.#pairs = new PublishedPairs(host, lock);
    const servers = host.webServers();
    const isService = servers.length > 0 && servers.every(({ kind }) => kind === 'service');
    this.#noun = isService ? 'service' : 'web server';
    this.#fleet = new ServerFleet(servers, host.ownAddresses);
  }

  async run(): Promise<ReadonlyMap<string, InstallOutcome>> {
    const hasServer = this.#fleet.servers.length > 0;
    const wasOwed = await this.#host.debt.isOwed();
    let open = await this.#withFormers(this.#members);
    open = await this.#withUsableServers(open);
    open = await this.#withoutVetoed(open);
    this.#baseline = await this.#ask(open, 0);
    open = await this.#publish(open);
    if (hasServer) open = await this.#withoutRefused(open);
    const debt = await this.#host.debt.begin();
    if (
      open.length > 0 ||
      this.#members.length === 0 ||
      (wasOwed && (await this.#fleet.refusal()) === null)
    ) {
      for (const server of this.#fleet.servers) open = await this.#reload(server, open);
    } else {
      this.#isSettled = false;
    }
    const proofs = await this.#prove(open);
    for (const member of open) await this.#conclude(member, proofs.get(member.website.vhost) ?? null);
    if (!hasServer && open.length > 0) this.#record(noWebServer(this.#host.expectsServer));
    if (!hasServer && this.#host.expectsServer) this.#isSettled = false;
    if (this.#isSettled) await debt.settle();
    return this.#outcomes;
  }

  /** What cannot be read cannot be put back either: it is not touched. */
  async #withFormers(members: readonly InstallMember[]): Promise<readonly InstallMember[]> {
    const open: InstallMember[] = [];
    for (const member of members) {
      const held = await this.#pairs.remember(member);
      if (held === null) open.push(member);
      else this.#conclusion(member, held);
    }
    return open;
  }

  /** Servers that refuse their configuration as found are left alone, and so is what only they would serve. */
  async #withUsableServers(members: readonly InstallMember[]): Promise<readonly InstallMember[]> {
    let refusing = await this.#fleet.refusals();
    if (refusing.length === 0) return members;
    const halfDone = await this.#pairs.halfDone(members);
    if (halfDone.length > 0) {
      await this.#restore(halfDone);
      refusing = await this.#fleet.refusals();
      if (refusing.length === 0) return members;
    }
    const usable = this.#fleet.without(refusing);
    const [kept, held] = partition(members, (member) =>
      usable.servers.some(
        (server) => usable.serves(server, member, this.#pairs.pathOf(member.website)) === true,
      ),
    );
    this.#holdFor(refusing, held);
    this.#fleet = usable;
    return kept;
  }

  #holdFor(refusing: readonly RefusingServer[], held: readonly InstallMember[]): void {
    this.#isSettled = false;
    for (const { server, why } of refusing)
      this.#record(serverConfigBroken(server.describe(), why, held.length, this.#host.isRetried));
    const why = refusing.map((one) => one.why).join('; ');
    for (const member of held) {
      this.#conclusion(member, {
        state: 'held',
        code: 'CONFIG_BROKEN_BEFORE',
        why,
        advice: `Repair the configuration of the ${this.#noun}; the next run goes on without a new order.`,
      });
    }
  }

  async #withoutVetoed(members: readonly InstallMember[]): Promise<readonly InstallMember[]> {
    const open: InstallMember[] = [];
    for (const member of members) {
      const answer = await this.#host.hooks.pre(member);
      if (answer.ok) open.push(member);
      else {
        this.#conclusion(member, {
          state: 'held',
          code: 'VETOED',
          why: `the hook before the installation forbids it: ${answer.why}`,
          advice: 'It is asked again at the next run; nothing is ordered meanwhile.',
        });
      }
    }
    return open;
  }

  /** Publishes and rebuilds; what cannot be published is left out, an account whose rebuild fails is put back. */
  async #publish(members: readonly InstallMember[]): Promise<readonly InstallMember[]> {
    const published: InstallMember[] = [];
    for (const member of members) {
      const held = await this.#pairs.publish(member);
      if (held === null) published.push(member);
      else this.#conclusion(member, held);
    }
    const failed = await this.#rebuild(published);
    if (failed.size === 0) return published;
    const [open, broken] = partition(published, ({ website }) => !failed.has(website.account));
    await this.#restore(broken);
    for (const member of broken) {
      this.#conclusion(member, {
        state: 'restored',
        code: 'REBUILD_FAILED',
        why: `the rebuild command of its account failed: ${failed.get(member.website.account) ?? ''}`,
        advice: 'When that is mended the next run goes on without a new order.',
      });
    }
    return open;
  }

  /** What went wrong, by account. */
  async #rebuild(members: readonly InstallMember[]): Promise<ReadonlyMap<AccountName, string>> {
    const failed = new Map<AccountName, string>();
    const { rebuild } = this.#host.hooks;
    if (rebuild === null) return failed;
    for (const [account, vhosts] of groupByAccount(members)) {
      const check = await rebuild(account, vhosts);
      if (!check.ok) failed.set(account, check.why);
    }
    return failed;
  }

  async #restore(members: readonly InstallMember[]): Promise<void> {
    for (const fault of await this.#pairs.restore(members)) {
      this.#isSettled = false;
      this.#record({ type: 'error', code: 'RESTORE_FAILED', indent: 0, fault: 'ours', contents: fault });
    }
    await this.#rebuild(members);
  }

  /** After the publication: finds the pairs that a server refuses, and puts these back. */
  async #withoutRefused(members: readonly InstallMember[]): Promise<readonly InstallMember[]> {
    const refusal = await this.#fleet.refusal();
    if (refusal === null) return members;
    await this.#restore(members);
    const open = await this.#isolate(members, refusal);
    if (open.length === 0) return open;
    // Somebody else may have broken it since the last part passed: no server is reloaded with what it refuses.
    const last = await this.#fleet.refusal();
    if (last === null) return open;
    await this.#restore(open);
    this.#holdFor([last], open);
    return [];
  }

  /** Of a batch that is refused as a whole and is not in place: what goes through, published. */
  async #isolate(
    batch: readonly InstallMember[],
    refusal: RefusingServer,
  ): Promise<readonly InstallMember[]> {
    // Refused also without them: then it is somebody else's doing.
    const foreign = await this.#fleet.refusal();
    if (foreign !== null) {
      this.#holdFor([foreign], batch);
      return [];
    }
    const split = halve(batch, ({ website }) => refusal.why.includes(this.#pairs.pathOf(website)));
    if ('culprit' in split) {
      this.#conclusion(split.culprit, {
        state: 'restored',
        code: 'CONFIG_TEST_FAILED',
        why: `${refusal.server.describe()} refuses its new certificate: ${refusal.why}`,
        advice: 'The former one stays; the new one is tried again at the next run, without a new order.',
      });
      return [];
    }
    const open: InstallMember[] = [];
    for (const part of split.parts) {
      const published = await this.#publish(part);
      const again = await this.#fleet.refusal();
      if (again === null) open.push(...published);
      else {
        await this.#restore(published);
        if (published.length > 0) open.push(...(await this.#isolate(published, again)));
      }
    }
    return open;
  }

  /**
   * One reload; should it fail or the server die of it, what it serves is put back. Where the server names some pairs as
   * its reason, the others are tried once more without these. Gives what stays published.
   */
  async #reload(
    server: WebServer,
    members: readonly InstallMember[],
    isSecond = false,
  ): Promise<readonly InstallMember[]> {
    const before = await server.liveness();
    // Whoever stopped it knows why: it loads what lies there when it is started.
    if (before.isAlive === false) {
      this.#record(serverNotRunning(server.describe()));
      return members;
    }
    const reload = await server.reload();
    const after = await server.liveness();
    const faults = [reload, judgeLiveness(before, after, this.#noun)].flatMap((check) =>
      check.ok ? [] : [check.why],
    );
    if (faults.length === 0) {
      this.#record(serverReloaded(server.describe()));
      return members;
    }
    this.#isSettled = false;
    const [open, affected] = partition(
      members,
      (member) => this.#fleet.serves(server, member, this.#pairs.pathOf(member.website)) === false,
    );
    await this.#restore(affected);
    if (after.isAlive === false) {
      const start = await server.start();
      faults.push(start.ok ? 'it was started again' : `it could not be started again: ${start.why}`);
    }
    for (const other of this.#fleet.servers) await this.#reloadIfChanged(other, affected);
    const why = [...new Set(faults)].join('; ');
    const [named, others] = partition(affected, ({ website }) => why.includes(this.#pairs.pathOf(website)));
    if (!isSecond && named.length > 0 && others.length > 0) {
      for (const member of named)
        this.#conclusion(member, refusedAtReload(server, why, after.isAlive === false));
      const again = await this.#publish(others);
      const refusal = await this.#fleet.refusal();
      if (refusal === null) return [...open, ...(await this.#reload(server, again, true))];
      await this.#restore(again);
      this.#holdFor([refusal], again);
      return open;
    }
    this.#record(serverReloadFailed(server.describe(), why, affected.length, this.#host.isRetried));
    for (const member of affected) {
      this.#conclusion(member, {
        state: 'restored',
        code: after.isAlive === false ? 'SERVER_DIED' : 'RELOAD_FAILED',
        why,
        advice: `Look into the error log of the ${this.#noun}; the next run tries again without a new order.`,
      });
    }
    return open;
  }

  /** A server that took certificates which were put back since loads the former ones again. */
  async #reloadIfChanged(server: WebServer, restored: readonly InstallMember[]): Promise<void> {
    const own = restored.filter(
      (member) => this.#fleet.serves(server, member, this.#pairs.pathOf(member.website)) === true,
    );
    if (own.length === 0) return;
    const now = await this.#ask(own, 0);
    const isNew = own.some(({ website, leaf }) =>
      now
        .get(website.vhost)
        ?.observations.some(({ observation }) => observation.fingerprint === leaf.fingerprint),
    );
    if (!isNew || !(await server.testConfig()).ok) return;
    const reload = await server.reload();
    if (!reload.ok) this.#record(serverReloadFailed(server.describe(), reload.why, 0, this.#host.isRetried));
  }

  /** Asks until all is served; a website that answered before and answers no more is put back. */
  async #prove(members: readonly InstallMember[]): Promise<ReadonlyMap<string, ServedProof>> {
    const proofs = await this.#ask(members, PROOF_PATIENCE_MS);
    const broken = members.filter(({ website }) =>
      this.#isBrokenSince(website.vhost, proofs.get(website.vhost)),
    );
    if (broken.length === 0) return proofs;
    await this.#restore(broken);
    if ((await this.#fleet.refusal()) === null) {
      for (const server of this.#fleet.servers) await this.#reload(server, []);
    }
    for (const member of broken) {
      const verdict = proofs.get(member.website.vhost)?.verdict;
      this.#conclusion(member, {
        state: 'restored',
        code: 'HANDSHAKE_BROKEN',
        why: `it was served before, and with its new certificate it is not: ${verdict?.served === false ? verdict.message : ''}`,
        advice: 'The former certificate lies there again; the next run tries again without a new order.',
      });
    }
    return proofs;
  }

  #isBrokenSince(vhost: string, proof: ServedProof | undefined): boolean {
    const before = this.#baseline.get(vhost)?.observations ?? [];
    return (proof?.observations ?? []).some((after) => {
      const same = before.find(
        ({ name, address, port }) => name === after.name && address === after.address && port === after.port,
      );
      return same !== undefined && isBroken(same.observation, after.observation);
    });
  }

  async #ask(
    members: readonly InstallMember[],
    patienceMs: number,
  ): Promise<ReadonlyMap<string, ServedProof>> {
    const subjects = members.map(
      (member): ProofSubject => ({
        website: member.website,
        names: askedNamesOf(member),
        expected: member.leaf.fingerprint,
        previous: this.#pairs.formerOf(member)?.fingerprint ?? null,
        combinedFile: this.#pairs.pathOf(member.website),
      }),
    );
    const proofs = await proveServed(subjects, this.#fleet.sites, this.#host, {
      patienceMs,
      signal: this.#signal,
    });
    if (this.#fleet.isKnown) return proofs;
    // A server whose configuration is not known may have the site.
    return new Map([...proofs].filter(([, { verdict }]) => verdict.served || verdict.code !== 'NO_TLS_SITE'));
  }

  async #conclude(member: InstallMember, proof: ServedProof | null): Promise<void> {
    const { website, wanted, leaf } = member;
    if (this.#outcomes.has(website.vhost)) return;
    await this.#host.served.write(servedRecordOf(website, wanted, leaf, proof, this.#host.clock.now()));
    const hook = await this.#host.hooks.post(member, {
      status: true,
      message: 'The certificate was installed.',
    });
    if (!hook.ok) this.#record(postHookFailed(website, hook.why));
    const state = proof === null ? 'published' : proof.verdict.served ? 'served' : 'published-not-served';
    this.#conclusion(member, { state, proof });
  }

  #conclusion(member: InstallMember, outcome: InstallOutcome): void {
    this.#outcomes.set(member.website.vhost, outcome);
  }
}

/** What a server names as the reason why it would not reload, or died. */
function refusedAtReload(server: WebServer, why: string, isDead: boolean): InstallOutcome {
  return {
    state: 'restored',
    code: isDead ? 'SERVER_DIED_OF_IT' : 'REFUSED_AT_RELOAD',
    why: `${server.describe()} does not take its new certificate: ${why}`,
    advice: isDead
      ? 'The former one stays, and this pair is not tried again: remove its order under orders/ to have it ordered anew.'
      : 'The former one stays; the new one is tried again at the next run, without a new order.',
  };
}

function groupByAccount(members: readonly InstallMember[]): ReadonlyMap<AccountName, readonly string[]> {
  const groups = new Map<AccountName, string[]>();
  for (const { website } of members)
    groups.set(website.account, [...(groups.get(website.account) ?? []), website.vhost]);
  return groups;
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [readonly T[], readonly T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
