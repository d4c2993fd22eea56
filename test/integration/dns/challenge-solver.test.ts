import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ZoneChallengeSolver, type ZoneSolverSettings } from '../../../src/adapters/dns/challenge-solver.js';
import { DnsClient } from '../../../src/adapters/dns/dns-client.js';
import { openZoneEditors } from '../../../src/adapters/dns/zone-editors.js';
import { ZoneServers } from '../../../src/adapters/dns/zone-servers.js';
import { DnsResolver } from '../../../src/adapters/probe/resolver.js';
import { systemClock } from '../../../src/adapters/system/clock.js';
import { FileLockKeeper } from '../../../src/adapters/system/locks/locks.js';
import { AddressRanges } from '../../../src/core/dcv/address-ranges.js';
import type { TxtRecord } from '../../../src/core/dcv/dns-observation.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { type Bind, startBind } from '../../support/bind.js';
import { describeWithParts } from '../../support/needs.js';
import { properAnswer, type RawAnswer, type RawDns, startRawDns } from '../../support/raw-dns.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

/** Nothing listens there. */
const NOWHERE = '127.0.0.1:1';
const AUTHORITATIVE = 1 << 10;
const REFUSED = 5;
const ZONE = 'ours.test';
const record = (value: string, name = `_acme-challenge.${ZONE}`): TxtRecord => ({
  zone: ZONE,
  recordName: name,
  value,
});

describeWithParts('challenges in zones of BIND', ['bind', 'dig'], () => {
  let bind: Bind;
  let built: BuiltTree;
  const servers: RawDns[] = [];
  beforeAll(async () => {
    bind = await startBind({
      zones: {
        [ZONE]: {
          updates: 'any',
          servers: [`ns2.${ZONE}`],
          records: [
            'ns2 A 127.0.0.1',
            'www A 192.0.2.1',
            '_acme-challenge.one CNAME two',
            'two CNAME _acme-challenge.target',
            '_acme-challenge.circle CNAME circle',
            'circle CNAME _acme-challenge.circle',
            '_acme-challenge.wild CNAME shop',
            ...Array.from({ length: 100 }, (_, number) => `_acme-challenge.crowd TXT "t${number}"`),
            '*.lent A 192.0.2.2',
            'own.lent TXT here',
            '_acme-challenge.evil CNAME _acme-challenge.shop.lent',
            '_acme-challenge.good CNAME _acme-challenge.own.lent',
            '_acme-challenge.none CNAME _acme-challenge.nobody',
            'target A 192.0.2.3',
            '_acme-challenge.odd CNAME a\\.b\\"c',
            '_acme-challenge.away CNAME x.foreign.test.',
            'cut NS ns.foreign.test.',
          ],
        },
        'private.test': { updates: 'any' },
        'foreign.test': {
          records: ['_acme-challenge CNAME customer.acme.ours.test.', '_acme-challenge.bare TXT theirs'],
        },
      },
    });
  });
  afterAll(() => bind?.stop());
  beforeEach(() => {
    built = aTree().build();
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await built.cleanUp();
  });

  function open(second = bind.server, over: Partial<ZoneSolverSettings> = {}): ZoneChallengeSolver {
    const client = new DnsClient({ servers: [bind.server], timeoutMs: 2_000 });
    const direct = new DnsClient({ servers: [bind.server], timeoutMs: 5_000 });
    const editor = {
      kind: 'nsupdate' as const,
      server: bind.server,
      keyFile: bind.keyFile,
      zones: [ZONE, 'private.test', 'nowhere.test'],
      timeoutMs: 30_000,
    };
    return new ZoneChallengeSolver({
      tree: built.tree,
      editors: openZoneEditors([editor], direct, new FileLockKeeper(built.tree)),
      delegations: ['acme.ours.test'],
      servers: new ZoneServers({
        client,
        direct,
        resolver: new DnsResolver({ servers: [bind.server] }),
        authoritative: new Map([
          [`ns1.${ZONE}`, bind.server],
          [`ns2.${ZONE}`, second],
        ]),
        ownAddresses: [],
        addressMap: new Map(),
        privateNetworks: new AddressRanges([]),
      }),
      clock: systemClock,
      timeoutMs: 60_000,
      intervalMs: 30,
      ...over,
    });
  }
  const serverThat = async (answer: RawAnswer): Promise<RawDns> => {
    const server = await startRawDns(answer);
    servers.push(server);
    return server;
  };
  const empty: RawAnswer = (query) => [properAnswer(query, [], { flags: AUTHORITATIVE })];
  const journals = (): readonly string[] => {
    const folder = built.tree.placedRecords();
    return existsSync(folder) ? readdirSync(folder) : [];
  };

  describe('are placed', () => {
    test('all of one name at once, each taken away by its value', async () => {
      const solver = open();
      const records = [record('of-the-domain'), record('of-its-wildcard')];
      expect(await solver.present(records)).toMatchObject([{ zone: ZONE, trouble: null }]);
      expect([...(await bind.texts(`_acme-challenge.${ZONE}`))].sort()).toEqual([
        'of-its-wildcard',
        'of-the-domain',
      ]);
      expect(journals()).toHaveLength(1);
      expect(await solver.cleanUp(records.slice(0, 1))).toEqual([]);
      expect(await bind.texts(`_acme-challenge.${ZONE}`)).toEqual(['of-its-wildcard']);
      expect(await solver.cleanUp(records)).toEqual([]);
      expect(await bind.texts(`_acme-challenge.${ZONE}`)).toEqual([]);
      expect(journals()).toEqual([]);
    });

    test('and waited for until the slowest server of the zone shows them', async () => {
      let hasHeard = false;
      const secondary = await serverThat((query) => {
        const name = query.questions?.[0]?.name ?? '';
        const answers = hasHeard ? [{ type: 'TXT' as const, name, ttl: 1, data: 'late' }] : [];
        hasHeard = secondary.questions.length >= 3;
        return [properAnswer(query, answers, { flags: AUTHORITATIVE })];
      });
      const solver = open(secondary.server);
      expect(await solver.present([record('late')])).toMatchObject([{ trouble: null }]);
      expect(secondary.questions.length).toBeGreaterThan(3);
      await solver.cleanUp([record('late')]);
    });

    test.each<[string, () => Promise<string>, string]>([
      ['is down', async () => NOWHERE, 'silent'],
      [
        'does not serve the zone',
        async () => (await serverThat((query) => [properAnswer(query, [], { flags: REFUSED })])).server,
        'refused',
      ],
    ])('although one server %s, which is told', async (_, second, saw) => {
      const solver = open(await second());
      expect(await solver.present([record('seen')])).toEqual([
        {
          zone: ZONE,
          trouble: null,
          servers: expect.arrayContaining([
            { server: `ns1.${ZONE} (${bind.server})`, saw: 'values' },
            { server: expect.stringContaining(`ns2.${ZONE}`), saw },
          ]),
        },
      ]);
      await solver.cleanUp([record('seen')]);
    });
  });

  describe('have failed', () => {
    test('where a server goes on showing something else: it is named', async () => {
      const { server } = await serverThat(empty);
      const solver = open(server, { timeoutMs: 200 });
      expect(await solver.present([record('unseen')])).toMatchObject([
        {
          trouble: {
            kind: 'not-seen',
            servers: expect.arrayContaining([{ server: `ns2.${ZONE} (${server})`, saw: 'missing' }]),
          },
        },
      ]);
      expect(await solver.cleanUp([record('unseen')])).toEqual([]);
    });

    test('where all servers have addresses that a customer may not have us ask', async () => {
      const solver = open();
      const [presented] = await solver.present([
        { zone: 'private.test', recordName: '_acme-challenge.private.test', value: 'x' },
      ]);
      expect(presented?.servers).toEqual([{ server: 'ns1.private.test', saw: 'unasked' }]);
      expect(presented?.trouble).toMatchObject({ kind: 'not-seen' });
      await solver.cleanUp([
        { zone: 'private.test', recordName: '_acme-challenge.private.test', value: 'x' },
      ]);
    });

    test('where the run is told to stop while they are waited for, and they can be taken away then', async () => {
      const stop = new AbortController();
      const secondary = await serverThat((query, isTcp) => {
        stop.abort(new Error('stopped'));
        return empty(query, isTcp);
      });
      const solver = open(secondary.server);
      await expect(solver.present([record('stopped')], stop.signal)).rejects.toThrow('stopped');
      expect(await solver.cleanUp([record('stopped')])).toEqual([]);
      expect(await bind.texts(`_acme-challenge.${ZONE}`)).toEqual([]);
    });
  });

  describe('have their place', () => {
    test.each([
      ['of a name', `www.${ZONE}`, `_acme-challenge.www.${ZONE}`],
      ['of a wildcard', `*.${ZONE}`, `_acme-challenge.${ZONE}`],
      ['where CNAME records lead, one after the other', `one.${ZONE}`, `_acme-challenge.target.${ZONE}`],
      [
        'where a zone that is not ours leads, in a domain for that',
        'foreign.test',
        'customer.acme.ours.test',
      ],
    ])('%s', async (_, name, recordName) => {
      expect(await open().locate(parseHostName(name))).toMatchObject({ name, recordName, zone: ZONE });
    });

    test('and refused where others’ records leave no room, which is said', async () => {
      const solver = open();
      const name = `_acme-challenge.crowd.${ZONE}`;
      expect(await solver.locate(parseHostName(`crowd.${ZONE}`))).toMatchObject({ isCrowded: true });
      expect(await solver.present([record('more', name)])).toMatchObject([
        { trouble: { kind: 'update-refused', crowdedName: name } },
      ]);
      expect(await solver.cleanUp([record('more', name)])).toEqual([]);
    });

    test('but for a test record in whose place a CNAME record lies', async () => {
      const name = `_dcv-test-record.${ZONE}`;
      bind.update(`update add ${name}. 1 CNAME elsewhere.test.`);
      expect(await open().present([record('x', name)])).toMatchObject([
        { trouble: { kind: 'update-refused', why: expect.stringContaining('CNAME') } },
      ]);
      bind.update(`update delete ${name}. CNAME`);
    });

    test('and what else has a zone is told when the first editor of it is refused', async () => {
      const server = { kind: 'nsupdate' as const, server: bind.server, zones: [ZONE], timeoutMs: 30_000 };
      const wrong = join(built.root, 'wrong.key');
      const key = readFileSync(bind.keyFile, 'utf8').replace('testkey', 'wrongkey');
      writeFileSync(wrong, key, { mode: 0o600 });
      const hook = {
        kind: 'hook' as const,
        style: 'autossl' as const,
        command: ['/bin/true'],
        cleanupCommand: null,
        acmeSh: null,
        environment: new Map(),
        zones: [ZONE],
        timeoutMs: 1_000,
      };
      const editors = openZoneEditors(
        [{ ...server, keyFile: wrong }, hook],
        new DnsClient({ servers: [bind.server] }),
        new FileLockKeeper(built.tree),
      );
      const [presented] = await open(bind.server, { editors }).present([record('x')]);
      expect(presented?.trouble).toMatchObject({
        why: expect.stringMatching(/BADKEY.*\(the hook \/bin\/true has the zone, too, but the first/),
      });
    });

    test('beside a wildcard, where the domain has records of its own', async () => {
      expect(await open().locate(parseHostName(`good.${ZONE}`))).toMatchObject({
        recordName: `_acme-challenge.own.lent.${ZONE}`,
      });
    });

    test.each([
      ['in no zone of ours', 'bare.foreign.test', 'no-zone', 'holds'],
      ['below a cut, where other servers rule', `a.cut.${ZONE}`, 'no-zone', 'delegated to name servers'],
      ['where a CNAME leads out of our zones', `away.${ZONE}`, 'no-zone', 'is delegated'],
      ['where CNAME records go round', `circle.${ZONE}`, 'delegation', 'circle'],
      [
        'where a record would make another name exist',
        `wild.${ZONE}`,
        'delegation',
        'no place for challenges',
      ],
      [
        'where it would hide the domain from a wildcard',
        `evil.${ZONE}`,
        'delegation',
        'no place for challenges',
      ],
      ['for a domain that does not exist', `none.${ZONE}`, 'delegation', 'no place for challenges'],
      ['where a CNAME has a name of strange characters', `odd.${ZONE}`, 'delegation', 'no record is placed'],
      ['in a zone to which DNS does not lead', 'www.nowhere.test', 'not-delegated', 'NXDOMAIN'],
    ])('not %s', async (_, name, kind, why) => {
      expect(await open().locate(parseHostName(name))).toMatchObject({
        kind,
        why: expect.stringContaining(why),
      });
    });
  });

  describe('that a killed run left', () => {
    const DEAD = '4194304.1.00000000-0000-0000-0000-000000000000.jsonl';
    const leave = (...lines: readonly (TxtRecord | string)[]): void => {
      const folder = built.tree.placedRecords();
      mkdirSync(folder, { recursive: true });
      const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
      writeFileSync(join(folder, DEAD), `${text.join('\n')}\n`, { mode: 0o600 });
    };
    const place = (value: string): void =>
      bind.update(`update add _acme-challenge.swept.${ZONE}. 1 TXT "${value}"`);
    const swept = (value: string): TxtRecord => record(value, `_acme-challenge.swept.${ZONE}`);

    test('are taken away, but for those of orders that are still alive, and what others placed', async () => {
      for (const value of ['dead', 'alive', 'theirs']) place(value);
      leave(swept('dead'), '{"damaged', swept('alive'));
      expect(await open().sweep(new Set(['alive']))).toEqual([]);
      expect([...(await bind.texts(`_acme-challenge.swept.${ZONE}`))].sort()).toEqual(['alive', 'theirs']);
      expect(journals()).toEqual([DEAD]);
      expect(await open().sweep(new Set())).toEqual([]);
      expect(await bind.texts(`_acme-challenge.swept.${ZONE}`)).toEqual(['theirs']);
      expect(journals()).toEqual([]);
      bind.update(`update delete _acme-challenge.swept.${ZONE}. TXT`);
    });

    test('do not come back by a hook that was under way, nor by what that started', async () => {
      const word = DEAD.replace('.jsonl', '');
      const done = join(built.root, 'done');
      const began = join(built.root, 'began');
      const slow = `trap '' TERM; setsid sh -c 'echo > ${began}; sleep 30; echo > ${done}' & sleep 30; echo > ${done}`;
      const env = { PATH: process.env.PATH, AUTOSSL_PROCESS: word };
      const hook = spawn('sh', ['-c', slow], { env, detached: true, stdio: 'ignore' });
      const ended = once(hook, 'exit');
      while (!existsSync(began)) await pause(10);
      place('late');
      leave(swept('late'));
      expect(await open().sweep(new Set())).toEqual([]);
      await ended;
      const left = readdirSync('/proc').filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(word);
        } catch {
          return false;
        }
      });
      expect(left).toEqual([]);
      expect(existsSync(done)).toBe(false);
      expect(await bind.texts(`_acme-challenge.swept.${ZONE}`)).toEqual([]);
    });

    test('and cannot be taken away are told and tried again', async () => {
      const gone = { zone: 'gone.test', recordName: '_acme-challenge.gone.test', value: 'x' };
      leave(gone);
      expect(await open().sweep(new Set())).toEqual([expect.stringContaining('stay in the zone gone.test')]);
      expect(journals()).toEqual([DEAD]);
    });

    test('in a journal that somebody else wrote into are not taken for others’ records', async () => {
      leave({ zone: ZONE, recordName: `www.${ZONE}\nupdate delete ${ZONE}`, value: 'x' }, '[]', '7');
      expect(await open().sweep(new Set())).toEqual([]);
      expect(journals()).toEqual([]);
    });
  });
});
