import { beforeEach, describe, expect, test } from '@jest/globals';
import { listenOf, serviceSite } from '../../../src/adapters/services/service-site.js';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { parseDomainName, parseHostName } from '../../../src/core/domain/name/names.js';
import type { RunEvent } from '../../../src/core/report/events/event.js';
import type { NameOffer } from '../../../src/core/sni/offer.js';
import type { FormerTable, SniTable } from '../../../src/runs/ports/sni.js';
import { offerNames } from '../../../src/runs/sni/offer-names.js';
import type { SniDaemon, SniHost } from '../../../src/runs/sni/sni-host.js';
import { FakeServer } from '../../support/fake-server.js';

const MIB = 1024 * 1024;
const HOSTNAME = parseDomainName('srv1.host.test');

/** A table in memory; what lies there is a line of words. */
class MemoryTable implements SniTable, FormerTable {
  readonly path = '/table';
  text: string | null = null;
  kept: string | null | undefined;
  isDaemonNaming = true;
  writeFault: Error | null = null;
  readonly #calls: string[];

  constructor(calls: string[]) {
    this.#calls = calls;
  }
  get former(): FormerTable {
    return this;
  }
  async holds(offers: readonly NameOffer[] | null): Promise<boolean> {
    return this.kept === undefined && this.text === lineOf(offers);
  }
  async write(offers: readonly NameOffer[] | null): Promise<void> {
    this.#calls.push('write');
    if (this.writeFault !== null) throw this.writeFault;
    this.kept ??= this.text;
    this.text = lineOf(offers);
  }
  async pairs(): Promise<ReadonlySet<string>> {
    return new Set([this.text, this.kept].flatMap((text) => (text ?? '').match(/(?<==)\w+/g) ?? []));
  }
  async isNamed(): Promise<boolean> {
    return this.isDaemonNaming;
  }
  async isLeft(): Promise<boolean> {
    return this.kept !== undefined;
  }
  async restore(): Promise<void> {
    this.#calls.push('restore');
    if (this.kept === undefined) return;
    this.text = this.kept;
    this.kept = undefined;
  }
  async settle(): Promise<void> {
    this.kept = undefined;
  }
}

function lineOf(offers: readonly NameOffer[] | null): string | null {
  return offers === null ? null : offers.map(({ name, pair }) => `${name}=${pair}`).join(' ');
}

describe('giving daemons the names of customers', () => {
  let events: RunEvent[];
  let server: FakeServer;
  let table: MemoryTable;
  let daemon: SniDaemon;
  let pairsByName: Record<string, string>;
  let lockCalls: string[];
  let placed: Set<string>;
  let stop: AbortController;
  /** The leaf that the daemon shows to whoever asks for the name; null: no handshake. */
  let shows: (name: string) => Promise<string | null>;

  const host = (daemons: readonly SniDaemon[]): SniHost => ({
    clock: { now: () => new Date('2026-06-01T00:00:00Z'), sleep: async () => undefined },
    locks: {
      tryAcquire: async () => {
        throw new Error('not expected');
      },
      acquire: async (name, _note, signal) => {
        signal?.throwIfAborted();
        lockCalls.push(name);
        return {
          signal: new AbortController().signal,
          assertHeld: async () => undefined,
          release: async () => {
            lockCalls.push(`${name} released`);
          },
        };
      },
    },
    hostname: async () => HOSTNAME,
    tls: {
      handshake: async ({ serverName }) => {
        const leaf = await shows(serverName ?? '');
        return { ...FakeServer.refusing, fingerprint: leaf, error: leaf === null ? 'ECONNRESET' : null };
      },
    },
    names: {
      list: async () =>
        Object.entries(pairsByName).map(([name, id]) => ({
          name: parseHostName(name),
          pair: { id, bytes: 4_000, notBefore: new Date(0), notAfter: new Date('2027-01-01') },
        })),
      keep: async () => undefined,
    },
    pairs: {
      leafOf: async (id) => `leaf of ${id}`,
      hold: (offers) => offers.every(({ pair }) => placed.has(pair)),
      place: async (offers) => {
        for (const { pair } of offers) placed.add(pair);
        return new Set([...placed].filter((id) => id !== 'gone'));
      },
      retain: async (ids) => {
        placed = new Set([...placed].filter((id) => ids.has(id)));
      },
    },
    daemons: async () => daemons,
  });
  const offer = async (daemons: readonly SniDaemon[] = [daemon]): Promise<readonly string[]> => {
    events = [];
    await offerNames(host(daemons), (...some) => events.push(...some), stop.signal);
    return events.map(({ code }) => code);
  };

  beforeEach(() => {
    server = new FakeServer([], () => undefined);
    table = new MemoryTable(server.calls);
    lockCalls = [];
    placed = new Set();
    shows = async () => null;
    stop = new AbortController();
    pairsByName = { 'mail.a.test': 'one', 'mail.b.test': 'two', [HOSTNAME]: 'three' };
    daemon = {
      service: 'dovecot',
      kind: 'dovecot',
      title: 'Dovecot',
      refusal: null,
      table,
      server,
      asked: server,
      room: null,
      lockName: 'install:dovecot',
    };
  });

  test('tests it as found, writes, tests again and reloads it once, under its lock', async () => {
    expect(await offer()).toEqual(['NAMES_OFFERED']);
    expect(server.calls).toEqual(['test', 'write', 'test', 'reload']);
    expect(table.text).toBe('mail.a.test=one mail.b.test=two');
    expect([...placed].sort()).toEqual(['one', 'two']);
    expect(lockCalls).toEqual(['sni', 'install:dovecot', 'install:dovecot released', 'sni released']);
  });

  test('does nothing when nothing changed', async () => {
    await offer();
    server.calls.length = 0;
    expect(await offer()).toEqual([]);
    expect(server.calls).toEqual([]);
  });

  test('locks and lists nothing where there is no daemon', async () => {
    expect(await offer([])).toEqual([]);
    expect(lockCalls).toEqual([]);
  });

  test('leaves one alone whose configuration is broken as found; running, that is our fault to tell', async () => {
    server.configFault = 'no such setting';
    expect(await offer()).toEqual(['NAMES_HELD']);
    expect(events[0]).toMatchObject({ type: 'error', fault: 'ours' });
    expect(table.text).toBeNull();
    server.isAlive = false;
    expect(await offer()).toEqual(['NAMES_HELD']);
    expect(events[0]).toMatchObject({ type: 'warn' });
    expect(events[0]).not.toHaveProperty('fault');
  });

  test('puts the former table back when its test refuses the new one, and keeps those pairs', async () => {
    await offer();
    pairsByName = { 'mail.a.test': 'three' };
    server.calls.length = 0;
    server.faultFromTestOn = 4;
    expect(await offer()).toEqual(['NAMES_REFUSED']);
    expect(server.calls).toEqual(['test', 'write', 'test', 'restore']);
    expect(table.text).toBe('mail.a.test=one mail.b.test=two');
    expect([...placed].sort()).toEqual(['one', 'two']);
    expect(events[0]).toMatchObject({
      fault: 'ours',
      contents: expect.stringContaining('somebody broke it'),
    });
  });

  test('has the former table loaded when the reload fails', async () => {
    await offer();
    pairsByName = { 'mail.a.test': 'three' };
    server.calls.length = 0;
    server.reloadFault = 'no memory';
    expect(await offer()).toEqual(['NAMES_REFUSED']);
    expect(server.calls).toEqual(['test', 'write', 'test', 'reload', 'restore', 'reload']);
    expect(table.text).toBe('mail.a.test=one mail.b.test=two');
  });

  test('starts one that died of the reload with the former table', async () => {
    await offer();
    pairsByName = { 'mail.a.test': 'three' };
    server.calls.length = 0;
    server.diesOfReload = true;
    expect(await offer()).toEqual(['NAMES_REFUSED']);
    expect(server.calls).toEqual(['test', 'write', 'test', 'reload', 'restore', 'start']);
    expect(events[0]?.contents).toContain('it was started again');
  });

  test('does not reload one that does not run, or does not name the table: it reads that when it does', async () => {
    server.isAlive = false;
    expect(await offer()).toEqual(['NAMES_OFFERED']);
    server.isAlive = true;
    table.isDaemonNaming = false;
    pairsByName = { 'mail.a.test': 'three' };
    expect(await offer()).toEqual(['NAMES_OFFERED']);
    expect(server.reloads).toBe(0);
    expect(events[0]).toMatchObject({ type: 'out', contents: expect.stringContaining('autossl sni') });
  });

  test('puts back what a crash left before anything else', async () => {
    await offer();
    table.kept = 'mail.a.test=one';
    table.text = 'half';
    server.calls.length = 0;
    expect(await offer()).toEqual(['NAMES_OFFERED']);
    expect(server.calls).toEqual(['restore', 'test', 'write', 'test', 'reload']);
    expect(table.text).toBe('mail.a.test=one mail.b.test=two');
  });

  test('offers what could be written, and the rest when it can be read', async () => {
    pairsByName = { 'mail.a.test': 'one', 'mail.b.test': 'gone' };
    await offer();
    expect(table.text).toBe('mail.a.test=one');
  });

  test('has a pair that somebody removed put there again, and asks nobody', async () => {
    await offer();
    server.calls.length = 0;
    placed.delete('one');
    expect(await offer()).toEqual([]);
    expect([...placed].sort()).toEqual(['one', 'two']);
    expect(server.calls).toEqual([]);
  });

  test('empties the table of one that is to answer for none, without a word', async () => {
    await offer();
    expect(await offer([{ ...daemon, refusal: 'services.dovecot.sni is false' }])).toEqual([]);
    expect(table.text).toBeNull();
    expect(server.reloads).toBe(2);
    expect(placed).toEqual(new Set());
  });

  test('says what could not be written for one, and goes on with the other', async () => {
    table.writeFault = new StateError('NO_SPACE', 'cannot write “/table”', { advice: 'Free some space.' });
    const calls: string[] = [];
    const second = new MemoryTable(calls);
    expect(await offer([daemon, { ...daemon, title: 'Postfix', table: second, server: null }])).toEqual([
      'NAMES_NOT_OFFERED',
      'NAMES_OFFERED',
    ]);
    expect(events[0]).toMatchObject({ fault: 'ours', contents: expect.stringContaining('Free some space.') });
    expect(second.text).toBe('mail.a.test=one mail.b.test=two');
  });

  describe('and asking it by handshakes', () => {
    /** What it took at its last reload or start; by name. */
    let loaded: ReadonlyMap<string, string>;
    let isDeaf: boolean;
    /** More certificates than this, and it goes on with what it had, without a word. */
    let mostNames: number;
    const own = async (name: string): Promise<string | null> => {
      if (isDeaf) return null;
      const pair = loaded.get(name);
      return pair === undefined ? 'its own leaf' : `leaf of ${pair}`;
    };
    const linesOf = (text: string): ReadonlyMap<string, string> =>
      new Map(
        text
          .split(' ')
          .filter((word) => word !== '')
          .map((word) => word.split('=') as [string, string]),
      );
    class AskedServer extends FakeServer {
      override async reload() {
        const said = await super.reload();
        const lines = linesOf(table.text ?? '');
        if (said.ok && lines.size <= mostNames) loaded = lines;
        return said;
      }
    }

    beforeEach(() => {
      const listens = [listenOf('127.0.0.1', 993, 'tls'), listenOf('127.0.0.1', 143, 'imap')];
      server = new AskedServer([serviceSite(HOSTNAME, listens, [], '/dovecot.conf')], () => undefined);
      table = new MemoryTable(server.calls);
      daemon = { ...daemon, server, asked: server, table };
      loaded = new Map();
      isDeaf = false;
      mostNames = 1000;
      shows = own;
    });

    test('says that it answers for them only when that was seen', async () => {
      expect(await offer()).toEqual(['NAMES_OFFERED']);
      expect(events[0]).toMatchObject({
        data: { isSeen: true },
        contents: expect.stringContaining('answers for 2 names'),
      });
      pairsByName = { 'mail.a.test': 'three' };
      isDeaf = true;
      expect(await offer()).toEqual(['NAMES_OFFERED']);
      expect(events[0]).toMatchObject({ data: { isSeen: false } });
      expect(events[0]?.contents).not.toContain('answers for 1');
    });

    test('has the former table loaded again when a new name is not served, and says so', async () => {
      await offer();
      pairsByName = { ...pairsByName, 'mail.c.test': 'three' };
      mostNames = 2;
      server.calls.length = 0;
      expect(await offer()).toEqual(['NAMES_REFUSED']);
      expect(server.calls).toEqual(['test', 'write', 'test', 'reload', 'restore', 'reload']);
      expect(events[0]).toMatchObject({ fault: 'ours', contents: expect.stringContaining('mail.c.test') });
      expect(table.text).toBe('mail.a.test=one mail.b.test=two');
    });

    test('has the former table loaded again when it no longer answers, and says when that did not help', async () => {
      await offer();
      pairsByName = { 'mail.a.test': 'three' };
      const { reload } = server;
      server.reload = async () => {
        isDeaf = true;
        return await reload.call(server);
      };
      expect(await offer()).toEqual(['NAMES_REFUSED']);
      expect(events[0]?.contents).toContain('it no longer answers at 127.0.0.1:993 (ECONNRESET)');
      expect(events[0]?.contents).toContain('does not take them either');
      expect(table.text).toBe('mail.a.test=one mail.b.test=two');
    });

    test('is content when some other block answers for one of the new names', async () => {
      shows = async (name) => (name === 'mail.a.test' ? 'somebody’s leaf' : await own(name));
      expect(await offer()).toEqual(['NAMES_OFFERED']);
      expect(events[0]).toMatchObject({ data: { isSeen: true } });
    });

    test('says of one that looks names up itself that it does not serve them', async () => {
      Object.defineProperty(table, 'former', { value: null });
      expect(await offer()).toEqual(['NAMES_NOT_SERVED']);
      expect(events[0]).toMatchObject({ fault: 'ours' });
    });

    describe('of which it can hold only some', () => {
      let limitBytes: number | null;
      let runningLimitBytes: number | null;
      beforeEach(() => {
        limitBytes = 17 * MIB;
        runningLimitBytes = null;
        const look = async () => ({ limitBytes, runningLimitBytes, otherBlocks: 0, hasNewNames: false });
        const names = async () => new Set(linesOf(table.text ?? '').keys());
        daemon = { ...daemon, room: { look, names } };
      });

      test('offers what fits, and says at every run what is held back and what to add', async () => {
        pairsByName = { 'mail.c.test': 'three', 'mail.d.test': 'four' };
        expect(await offer()).toEqual(['NAMES_OFFERED', 'NAMES_NEED_ROOM']);
        pairsByName = { 'mail.a.test': 'one', ...pairsByName };
        for (const codes of [['NAMES_HELD_BACK'], ['NAMES_HELD_BACK']]) {
          expect(await offer()).toEqual(codes);
          expect(events[0]).toMatchObject({
            type: 'error',
            fault: 'ours',
            contents: expect.stringContaining('“service config {” “vsz_limit = 256M” “}”'),
          });
          expect(table.text).toBe('mail.c.test=three mail.d.test=four');
        }
        expect([...placed].sort()).toEqual(['four', 'three']);
      });

      test('has it take a raised limit first, then the names', async () => {
        runningLimitBytes = 16 * MIB;
        limitBytes = null;
        expect(await offer()).toEqual(['NAMES_OFFERED']);
        expect(server.calls).toEqual(['test', 'reload', 'write', 'test', 'reload']);
      });
    });
  });

  test('told to stop, says nothing and touches nothing', async () => {
    stop.abort(new Error('stopped'));
    expect(await offer()).toEqual([]);
    expect(server.calls).toEqual([]);
  });
});
