import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DnsClient } from '../../src/adapters/dns/dns-client.js';
import { openZoneEditors } from '../../src/adapters/dns/zone-editors.js';
import { Secret } from '../../src/core/domain/secret.js';
import type { DnsEditorSettings } from '../../src/runs/ports/settings.js';
import type { EditableZone, ZoneChange, ZoneEditor } from '../../src/runs/ports/zones.js';
import { type Bind, startBind } from '../support/bind.js';
import { dnsHook } from '../support/dns-hooks.js';
import { MemoryLocks } from '../support/memory-stores.js';
import { MemoryZones } from '../support/memory-zones.js';
import { describeWithParts } from '../support/needs.js';
import { type PowerDns, startPowerDns } from '../support/powerdns.js';

const APEX = 'ours.test';
const BELOW = 'sub.ours.test';
const STRANGER = '_acme-challenge.shop.ours.test';
const VALUE = 'XKrxpRBosdIKFzxW_CT3KLZNf6q0HG9i01zxXp5CPBs';
const OTHER_VALUE = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA';

interface Bench {
  readonly editor: ZoneEditor;
  /** The values of a record, as whoever asks DNS sees them. */
  values(name: string, type: ZoneChange['type']): Promise<readonly string[]>;
}

/** What runs rely on holds for every way of editing zones and for the one in memory that stands for them. */
function declareContract(bench: () => Bench, types: readonly ZoneChange['type'][]): void {
  const zoneOf = async (name: string): Promise<EditableZone> => {
    const zone = await bench().editor.zoneOf(name);
    if ('fault' in zone) throw new Error(zone.fault);
    return zone;
  };
  const change = async (...changes: readonly [op: ZoneChange['op'], name: string, value: string][]) =>
    await bench().editor.change(
      await zoneOf(changes[0]?.[1] ?? APEX),
      changes.map(([op, name, value]): ZoneChange => ({ op, name, type: 'TXT', value })),
    );
  const texts = async (name: string) => [...(await bench().values(name, 'TXT'))].sort();

  test('the closest zone holds a name', async () => {
    expect((await zoneOf(`www.${APEX}`)).apex).toBe(APEX);
    expect((await zoneOf(APEX)).apex).toBe(APEX);
    expect((await zoneOf(`a.b.${BELOW}`)).apex).toBe(BELOW);
  });

  test.each([['foreign.test'], ['notours.test'], ['test']])(
    '%s is in no zone, which is said',
    async (name) => {
      expect(await bench().editor.zoneOf(name)).toEqual({ fault: expect.stringContaining(name) });
    },
  );

  test('a record is added once however often it is asked for, and taken away by its value alone', async () => {
    const name = `_acme-challenge.a.${APEX}`;
    expect(await change(['add', name, VALUE], ['add', name, OTHER_VALUE])).toEqual({ ok: true });
    expect(await change(['add', name, VALUE])).toEqual({ ok: true });
    expect(await texts(name)).toEqual([VALUE, OTHER_VALUE].sort());
    expect(await change(['remove', name, OTHER_VALUE])).toEqual({ ok: true });
    expect(await texts(name)).toEqual([VALUE]);
    expect(await change(['remove', name, VALUE])).toEqual({ ok: true });
    expect(await change(['remove', name, VALUE])).toEqual({ ok: true });
    expect(await texts(name)).toEqual([]);
  });

  test('what others have in the same record stays', async () => {
    const before = await texts(STRANGER);
    expect(before).toHaveLength(2);
    expect(await change(['add', STRANGER, VALUE])).toEqual({ ok: true });
    expect(await texts(STRANGER)).toEqual([...before, VALUE].sort());
    expect(await change(['remove', STRANGER, VALUE])).toEqual({ ok: true });
    expect(await texts(STRANGER)).toEqual(before);
  });

  test('writers at the same time do not undo each other', async () => {
    const name = `_acme-challenge.busy.${APEX}`;
    const values = Array.from({ length: 6 }, (_, index) => `${VALUE}${index}`);
    const results = await Promise.all(values.map((value) => change(['add', name, value])));
    expect(results).toEqual(values.map(() => ({ ok: true })));
    expect(await texts(name)).toEqual([...values].sort());
    await change(...values.map((value) => ['remove', name, value] as [ZoneChange['op'], string, string]));
    expect(await texts(name)).toEqual([]);
  });

  test.each([
    ['a name outside of the zone', '_acme-challenge.foreign.test', VALUE],
    ['a name with a line break', `_acme-challenge.${APEX}.\nupdate delete ${APEX}`, VALUE],
    ['a name with a path', `../${APEX}`, VALUE],
    ['a value with a line break', `_acme-challenge.${APEX}`, 'x"\nsend\nupdate delete ours.test A\n'],
    ['a value that is too long', `_acme-challenge.${APEX}`, 'x'.repeat(256)],
  ])('%s is refused before anything is sent', async (_, name, value) => {
    const zone = await zoneOf(APEX);
    const sound: ZoneChange = { op: 'add', name: `_acme-challenge.sound.${APEX}`, type: 'TXT', value: VALUE };
    const check = await bench().editor.change(zone, [sound, { ...sound, name, value }]);
    expect(check.ok).toBe(false);
    expect(await texts(sound.name)).toEqual([]);
  });

  if (types.includes('CAA')) {
    test('a CAA record is added beside what is there, and taken away again', async () => {
      const zone = await zoneOf(APEX);
      const added: ZoneChange = { op: 'add', name: APEX, type: 'CAA', value: '0 issue "ca.example"' };
      const there = async () => [...(await bench().values(APEX, 'CAA'))].sort();
      const before = await there();
      expect(before).toEqual(['0 issue "other.example"']);
      expect(bench().editor.canEdit('CAA', zone)).toBe(true);
      expect(await bench().editor.change(zone, [added])).toEqual({ ok: true });
      expect(await bench().editor.change(zone, [added])).toEqual({ ok: true });
      expect(await there()).toEqual([added.value, ...before].sort());
      expect(await bench().editor.change(zone, [{ ...added, op: 'remove' }])).toEqual({ ok: true });
      expect(await there()).toEqual(before);
    });
  } else {
    test('a CAA record is refused, as is said beforehand', async () => {
      const zone = await zoneOf(APEX);
      expect(bench().editor.canEdit('CAA', zone)).toBe(false);
      const added: ZoneChange = { op: 'add', name: APEX, type: 'CAA', value: '0 issue "ca.example"' };
      expect(await bench().editor.change(zone, [added])).toMatchObject({ ok: false });
    });
  }
}

const BOTH = ['TXT', 'CAA'] as const;
const client = (server: string): DnsClient => new DnsClient({ servers: [server], timeoutMs: 2_000 });

/** As a resolver reads them. */
async function valuesAt(server: string, name: string, type: ZoneChange['type']): Promise<readonly string[]> {
  const reply = await client(server).query(name, type, { recursionDesired: false });
  if (reply.state === 'failed') throw new Error(reply.fault);
  return reply.answers.flatMap((record) => {
    if (record.type === 'TXT') return [[record.data].flat().map(String).join('')];
    if (record.type !== 'CAA') return [];
    return [`${record.data.flags} ${record.data.tag} "${record.data.value}"`];
  });
}

describe('zones in memory', () => {
  const zones = new MemoryZones([APEX, BELOW]);
  zones.records.set(`${STRANGER} TXT`, ['theirs', 'v=spf1 "quoted" \\ -all']);
  zones.records.set(`${APEX} CAA`, ['0 issue "other.example"']);
  const bench: Bench = {
    editor: zones,
    values: async (name, type) => zones.records.get(`${name} ${type}`) ?? [],
  };
  declareContract(() => bench, BOTH);
});

describeWithParts('BIND', ['bind', 'dig'], () => {
  let bind: Bind;
  beforeAll(async () => {
    const records = [
      '_acme-challenge.shop TXT theirs',
      '_acme-challenge.shop TXT "v=spf1 \\"quoted\\" \\\\ -all"',
      '@ CAA 0 issue "other.example"',
    ];
    bind = await startBind({ zones: { [APEX]: { updates: 'any', records }, [BELOW]: { updates: 'any' } } });
  });
  afterAll(() => bind?.stop());
  const benchOf = (settings: DnsEditorSettings): Bench => ({
    editor: openZoneEditors([settings], client(bind.server), new MemoryLocks()),
    values: (name, type) => valuesAt(bind.server, name, type),
  });
  const nsupdate = (zones: readonly string[] | 'auto'): DnsEditorSettings => ({
    kind: 'nsupdate',
    server: bind.server,
    keyFile: bind.keyFile,
    zones,
    timeoutMs: 30_000,
  });

  describe('by nsupdate', () => declareContract(() => benchOf(nsupdate([APEX, BELOW])), BOTH));
  describe('by hooks', () => {
    describe.each(['autossl', 'lego', 'dehydrated', 'certbot', 'acme.sh'] as const)(
      'of the style %s',
      (style) => {
        const open = (): Bench =>
          benchOf({
            kind: 'hook',
            cleanupCommand: null,
            acmeSh: null,
            environment: new Map(),
            zones: [APEX, BELOW],
            timeoutMs: 30_000,
            ...dnsHook(bind, style),
          });
        let bench: Bench;
        beforeAll(() => {
          bench = open();
        });
        declareContract(() => bench, ['TXT']);
      },
    );
  });

  test('the zones of a server that is asked which it has are those that it rules', async () => {
    const { editor } = benchOf(nsupdate('auto'));
    expect(await editor.zoneOf(`_acme-challenge.a.${BELOW}`)).toMatchObject({ apex: BELOW });
    expect(await editor.zoneOf(`www.${APEX}`)).toMatchObject({ apex: APEX });
  });

  test('a key that the server does not know is refused in its words', async () => {
    const stranger = await startBind({ zones: { 'x.test': {} } });
    try {
      const settings = { ...nsupdate([APEX]), keyFile: stranger.keyFile } as DnsEditorSettings;
      const check = await benchOf(settings).editor.change(
        { apex: APEX, editor: `nsupdate at ${bind.server}` },
        [{ op: 'add', name: `_acme-challenge.${APEX}`, type: 'TXT', value: VALUE }],
      );
      expect(check).toEqual({ ok: false, why: expect.stringMatching(/NOTAUTH|BADSIG|BADKEY|TSIG/) });
    } finally {
      await stranger.stop();
    }
  });
});

describeWithParts('PowerDNS', ['powerdns', 'powerdns-sqlite', 'sqlite'], () => {
  let powerDns: PowerDns;
  beforeAll(async () => {
    powerDns = await startPowerDns({
      [APEX]: [
        `${STRANGER} TXT "theirs"`,
        `${STRANGER} TXT "v=spf1 \\"quoted\\" \\\\ -all"`,
        `${APEX} CAA 0 issue "other.example"`,
      ],
      [BELOW]: [],
    });
  });
  afterAll(() => powerDns?.stop());
  const benchOf = (over: object = {}): Bench => ({
    editor: openZoneEditors(
      [
        {
          kind: 'powerdns',
          url: powerDns.url,
          apiKey: new Secret(powerDns.apiKey),
          serverId: 'localhost',
          zones: 'auto',
          timeoutMs: 30_000,
          ...over,
        },
      ],
      client(powerDns.server),
      new MemoryLocks(),
    ),
    values: (name, type) => valuesAt(powerDns.server, name, type),
  });

  describe('by its API', () => {
    let bench: Bench;
    beforeAll(() => {
      bench = benchOf();
    });
    declareContract(() => bench, BOTH);
  });

  test('a wrong key is refused without being told', async () => {
    const { editor } = benchOf({ apiKey: new Secret('not the key'), zones: [APEX] });
    const check = await editor.change({ apex: APEX, editor: `PowerDNS at ${powerDns.url}` }, [
      { op: 'add', name: `_acme-challenge.${APEX}`, type: 'TXT', value: VALUE },
    ]);
    expect(check).toEqual({ ok: false, why: 'it does not take our API key (401)' });
  });

  test('a server that is not there makes it unsure whether a zone is ours', async () => {
    const { editor } = benchOf({ url: 'http://127.0.0.1:1' });
    expect(await editor.zoneOf(`www.${APEX}`)).toMatchObject({ isUnsure: true });
  });
});
