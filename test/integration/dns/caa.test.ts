import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type * as dnsPacket from 'dns-packet';
import { DnsCaaResolver } from '../../../src/adapters/dns/caa-resolver.js';
import { DnsClient } from '../../../src/adapters/dns/dns-client.js';
import { ZoneServers } from '../../../src/adapters/dns/zone-servers.js';
import { DnsResolver } from '../../../src/adapters/probe/resolver.js';
import { FileZoneAdditions } from '../../../src/adapters/store/zones/additions.js';
import { caaNamesToAsk } from '../../../src/core/caa/climb.js';
import { judgeCaa } from '../../../src/core/caa/judge.js';
import type { CaaOutcome } from '../../../src/core/caa/outcome.js';
import { AddressRanges } from '../../../src/core/dcv/address-ranges.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { observeCaa } from '../../../src/runs/validation/observe-caa.js';
import { undoAdditions } from '../../../src/runs/zone-additions.js';
import { type CaaBind, startCaaBind } from '../../support/caa-bind.js';
import { hostWithCa, runCheck } from '../../support/check-run.js';
import { describeWithParts } from '../../support/needs.js';
import { freePort } from '../../support/ports.js';
import { properAnswer, type RawAnswer, startRawDns } from '../../support/raw-dns.js';
import { scratchTree } from '../../support/scratch.js';

const POLICY = { identities: ['ca.test'], accountUrl: 'https://ca.test/account/1', methods: ['http-01'] };

async function judged(name: string, resolver: DnsCaaResolver): Promise<CaaOutcome> {
  return judgeCaa(await observeCaa(parseHostName(name), (one) => resolver.caaAt(one)), POLICY);
}

const BIG = Array.from(
  { length: 90 },
  (_, number) => `big CAA 0 issue "ca${number}.${'x'.repeat(200)}.example"`,
);

const ZONES = {
  'a.test': [
    '@ CAA 0 issue "ca.test"',
    'www A 127.0.0.1',
    'other CAA 0 issue "sectigo.com"',
    'alias CNAME target.b.test.',
    'loop CNAME pool',
    'pool CNAME loop',
    'wild CAA 0 issue "ca.test"',
    'wild CAA 0 issuewild ";"',
    'critical CAA 0 issue "ca.test"',
    'critical CAA 128 tbs "unknown"',
    'escape CAA 0 issue "\\027[2J\\007\\226\\128\\174x"',
    'bytes CAA 0 issue "\\255\\254"',
    ...BIG,
  ],
  'b.test': [
    'target CAA 0 issue "sectigo.com"',
    'tree CAA 0 issue "sectigo.com"',
    'sub.tree CAA 0 issue "ca.test"',
  ],
  'd.test': ['old DNAME tree.b.test.', '@ CAA 0 issue "ca.test"'],
  'bogus.test': ['@ CAA 0 issue "ca.test"'],
  'wild.test': [
    '@ A 127.0.0.1',
    '* A 127.0.0.1',
    '* CAA 0 issue "sectigo.com"',
    'own TXT "here"',
    'own CAA 0 issue "x.example"',
    'same A 127.0.0.1',
    'same CAA 0 issue "sectigo.com"',
    'leaf.ent A 127.0.0.1',
    'cut NS ns.dead.test.',
  ],
  'child.fix.test': [],
  'fix.test': ['@ CAA 0 issue "sectigo.com"', '@ CAA 0 iodef "mailto:x@fix.test"', 'www A 127.0.0.1'],
};

describeWithParts('CAA through a real BIND', ['bind', 'dig'], () => {
  let bind: CaaBind;
  let resolver: DnsCaaResolver;
  const scratch = scratchTree();

  beforeAll(async () => {
    bind = await startCaaBind(join(scratch.root, 'bind'), ZONES);
    resolver = new DnsCaaResolver({ servers: [bind.resolver] });
  });
  afterAll(async () => {
    await bind?.stop();
    scratch.remove();
  });

  test.each<[string, string, object]>([
    ['a name below records climbs to them', 'x.y.www.a.test', { isAllowed: true, foundAt: 'a.test' }],
    ['a name that does not exist climbs too', 'nobody.a.test', { isAllowed: true, foundAt: 'a.test' }],
    ['a closer set decides', 'deep.other.a.test', { code: 'CAA_FORBIDS', foundAt: 'other.a.test' }],
    ['an alias is followed', 'alias.a.test', { code: 'CAA_FORBIDS', foundAt: 'target.b.test' }],
    ['a name below a DNAME is followed', 'sub.old.d.test', { isAllowed: true, foundAt: 'sub.tree.b.test' }],
    ['aliases that lead in a circle end the climb', 'loop.a.test', { code: 'CAA_LOOKUP_FAILED' }],
    ['a wildcard is judged by issuewild', '*.wild.a.test', { code: 'CAA_WILDCARD_FORBIDDEN' }],
    ['a name beside that wildcard by issue', 'wild.a.test', { isAllowed: true }],
    [
      'an unknown property that is critical is seen, with its flag',
      'critical.a.test',
      { code: 'CAA_CRITICAL_UNKNOWN' },
    ],
    [
      'a zone whose servers are gone is no permission',
      'www.dead.test',
      { code: 'CAA_LOOKUP_FAILED', foundAt: 'www.dead.test' },
    ],
    [
      'a zone that does not verify is told from one that fails',
      'bogus.test',
      { code: 'CAA_LOOKUP_FAILED', message: expect.stringContaining('DNSSEC signatures do not verify') },
    ],
  ])('%s', async (_what, name, outcome) => {
    expect(await judged(name, resolver)).toMatchObject(outcome);
  });

  test('90 records of 22 KB come whole, over TCP', async () => {
    const lookup = await resolver.caaAt('big.a.test');
    expect(lookup).toMatchObject({ state: 'answered' });
    expect(lookup.state === 'answered' && lookup.records).toHaveLength(90);
  });

  test.each([
    ['escape.a.test', 'escape.a.test. CAA 0 issue "\\027[2J\\007\\226\\128\\174x"'],
    ['bytes.a.test', 'bytes.a.test. CAA 0 issue '],
  ])('what %s holds reaches no terminal', async (name, line) => {
    const outcome = await judged(name, resolver);
    if (outcome.isAllowed) throw new Error('it is allowed');
    expect(outcome.message).toContain(line);
    expect(outcome.message + outcome.advice).toMatch(/^[ -~’“”…]*$/);
  });

  test('each name is asked for once, climbs share what was met', async () => {
    const fresh = new DnsCaaResolver({ servers: [bind.resolver] });
    const [first, second] = await Promise.all([fresh.caaAt('a.test'), fresh.caaAt('a.test')]);
    expect(second).toBe(first);
    expect(await fresh.caaAnew('a.test')).not.toBe(first);
  });

  const zoneServers = (): ZoneServers => {
    const client = new DnsClient({ servers: [bind.authority] });
    const names = Object.keys(ZONES).map((zone) => [`ns.${zone}`, bind.authority] as const);
    return new ZoneServers({
      client,
      direct: client,
      resolver: new DnsResolver({ servers: [bind.authority] }),
      authoritative: new Map(names),
      ownAddresses: [],
      addressMap: new Map(),
      privateNetworks: new AddressRanges([]),
    });
  };

  test.each([
    ['the apex', 'wild.test', 'wild.test', 'own'],
    ['a name with records of its own beside a wildcard', 'wild.test', 'own.wild.test', 'own'],
    ['a name between two others beside a wildcard', 'wild.test', 'ent.wild.test', 'own'],
    ['a name that only a wildcard answers for', 'wild.test', 'www.wild.test', 'lent'],
    ['one further down', 'wild.test', 'a.b.c.wild.test', 'lent'],
    ['a name that cannot be told from the wildcard', 'wild.test', 'same.wild.test', 'lent'],
    ['a name of a zone without wildcards', 'fix.test', 'www.fix.test', 'own'],
    ['a name that is not there', 'fix.test', 'nobody.fix.test', 'absent'],
    ['a name that is delegated away', 'wild.test', 'x.cut.wild.test', 'elsewhere'],
    ['a zone below on the same server', 'fix.test', 'child.fix.test', 'elsewhere'],
    ['a zone that nobody serves', 'dead.test', 'www.dead.test', 'unknown'],
  ])('%s is known by what the servers of its zone say', async (_what, zone, name, standing) => {
    expect(
      await new DnsCaaResolver({ servers: [bind.authority] }, zoneServers()).standingOf(zone, name),
    ).toBe(standing);
  });

  test('a referral is no permission', async () => {
    const fresh = new DnsCaaResolver({ servers: [bind.authority] }, zoneServers());
    expect(await fresh.caaAtServersOf('wild.test', 'cut.wild.test')).toMatchObject([{ state: 'failed' }]);
    expect(await fresh.caaAtServersOf('wild.test', 'wild.test')).toMatchObject([{ state: 'answered' }]);
  });

  test('a missing record is added to the zone, nothing is removed, and the undoing takes only it away', async () => {
    const { host, ca } = hostWithCa();
    host.provider = { ...host.provider, caaIdentities: ['ca.test'] };
    host.account('alice', [['fix.test', 'www.fix.test']]);
    const additions = new FileZoneAdditions(scratch.tree);
    const caa = {
      resolver: new DnsCaaResolver({ servers: [bind.authority] }, zoneServers()),
      zones: bind.editor,
      additions,
      mode: 'fix' as const,
    };
    const recordsNow = async (): Promise<string[]> => {
      const lookup = await new DnsCaaResolver({ servers: [bind.authority] }).caaAt('fix.test');
      if (lookup.state === 'failed') throw new Error(lookup.fault);
      return lookup.records.map(({ flags, tag, value }) => `${flags} ${tag} "${value}"`).sort();
    };
    const before = await recordsNow();
    const report = await runCheck(Object.assign(host, { caa }));
    expect(report).toMatchObject({ exitCode: 0, problems: [] });
    expect(ca.ordered).toEqual([['fix.test', 'www.fix.test']]);
    expect(await recordsNow()).toEqual([...before, '0 issue "ca.test"'].sort());
    const [kept] = await additions.list();
    expect(kept).toMatchObject({ name: 'fix.test', zone: 'fix.test', state: 'added', account: 'alice' });
    const { clock, locks } = host;
    const undone = await undoAdditions(
      [kept?.id ?? ''],
      { clock, locks, additions, zones: bind.editor },
      new AbortController().signal,
    );
    expect(undone.exitCode).toBe(0);
    expect(await recordsNow()).toEqual(before);
    expect(await additions.list()).toMatchObject([{ state: 'undone', undoneAt: expect.any(String) }]);
  });
});

describe('CAA from servers that lie', () => {
  const caa = (value: string, name = 'x.test'): dnsPacket.Answer => ({
    type: 'CAA',
    name,
    ttl: 5,
    data: { flags: 0, tag: 'issue', value },
  });
  async function through(answer: RawAnswer, name: string): Promise<CaaOutcome> {
    const dns = await startRawDns(answer);
    try {
      return await judged(name, new DnsCaaResolver({ servers: [dns.server], timeoutMs: 300, tries: 1 }));
    } finally {
      await dns.close();
    }
  }

  test('records of another name are nobody’s permission', async () => {
    const outcome = await through((query) => [properAnswer(query, [caa('ca.test', 'evil.test')])], 'x.test');
    expect(outcome).toMatchObject({ isAllowed: true, because: 'NO_RECORDS' });
    const both = [caa('sectigo.com'), caa('ca.test', 'evil.test')];
    expect(await through((query) => [properAnswer(query, both)], 'x.test')).toMatchObject({
      code: 'CAA_FORBIDS',
    });
  });

  test('answers under another id are not taken', async () => {
    const forged: RawAnswer = (query) => [
      properAnswer(query, [caa('ca.test')], { id: ((query.id ?? 0) + 1) % 65_536 }),
      properAnswer(query, [caa('sectigo.com')]),
    ];
    expect(await through(forged, 'x.test')).toMatchObject({ code: 'CAA_FORBIDS' });
  });

  test('aliases in a circle within one answer have an end', async () => {
    const circle: dnsPacket.Answer[] = [
      { type: 'CNAME', name: 'x.test', ttl: 5, data: 'y.test' },
      { type: 'CNAME', name: 'y.test', ttl: 5, data: 'x.test' },
      caa('ca.test', 'y.test'),
    ];
    expect(await through((query) => [properAnswer(query, circle)], 'x.test')).toMatchObject({
      code: 'CAA_LOOKUP_FAILED',
      message: expect.stringContaining('lead in a circle'),
    });
  });

  test('half an answer is none: truncated over TCP too', async () => {
    const truncated: RawAnswer = (query) => [properAnswer(query, [caa('ca.test')], { flags: 1 << 9 })];
    expect(await through(truncated, 'x.test')).toMatchObject({
      code: 'CAA_LOOKUP_FAILED',
      isConclusive: false,
    });
  });

  test('64 KB in one value are read, and cut in what is said', async () => {
    const huge: RawAnswer = (query, isTcp) =>
      isTcp ? [properAnswer(query, [caa('y'.repeat(65_000))])] : [properAnswer(query, [], { flags: 1 << 9 })];
    const outcome = await through(huge, 'x.test');
    expect(outcome).toMatchObject({ isAllowed: false, code: 'CAA_FORBIDS' });
    expect(outcome.isAllowed ? '' : outcome.message).toMatch(/^.{100,600}$/);
  });

  test('a server that never answers, and none at all, are told apart', async () => {
    expect(await through(() => [], 'x.test')).toMatchObject({ message: expect.stringContaining('in time') });
    const none = new DnsCaaResolver({ servers: [`127.0.0.1:${await freePort()}`], timeoutMs: 300, tries: 1 });
    expect(await judged('x.test', none)).toMatchObject({ code: 'CAA_LOOKUP_FAILED', fault: 'ours' });
  });

  test('a fault that passes by itself is asked about once more (BR 3.2.2.8)', async () => {
    let asked = 0;
    const shaky: RawAnswer = (query) => {
      asked += 1;
      return [asked === 1 ? properAnswer(query, [], { flags: 2 }) : properAnswer(query, [caa('ca.test')])];
    };
    expect(await through(shaky, 'x.test')).toMatchObject({ isAllowed: true });
  });

  test('the way up asks for no name twice', () => {
    const names = caaNamesToAsk(parseHostName('a.b.c.d.example.com'));
    expect(new Set(names).size).toBe(names.length);
  });
});
