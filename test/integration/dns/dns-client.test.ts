import { afterEach, expect, test } from '@jest/globals';
import type * as dnsPacket from 'dns-packet';
import { DnsClient, type DnsReply } from '../../../src/adapters/dns/dns-client.js';
import { freePort } from '../../support/ports.js';
import { properAnswer, type RawAnswer, type RawDns, startRawDns } from '../../support/raw-dns.js';

const SERVFAIL = 2;
const FORMERR = 1;
const TRUNCATED = 1 << 9;
const AUTHENTIC = 1 << 5;
const CHECKING_DISABLED = 1 << 4;
/** Short enough to wait for, long for a server on the same machine. */
const SHORT_MS = 300;
const servers: RawDns[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serverThat(answer: RawAnswer, delayMs = 0): Promise<RawDns> {
  const server = await startRawDns(answer, delayMs);
  servers.push(server);
  return server;
}

const txt = (data: string): dnsPacket.Answer => ({ type: 'TXT', name: 'x.test', ttl: 5, data });

function textsOf(reply: DnsReply): string[] {
  if (reply.state === 'failed') return [reply.fault];
  return reply.answers.map((one) => (one.type === 'TXT' ? String(one.data) : one.type));
}

test('an answer over UDP, with what the server says of it', async () => {
  const { server, questions } = await serverThat((query) => [
    properAnswer(query, [txt('hello')], { flags: AUTHENTIC }),
  ]);
  const reply = await new DnsClient({ servers: [server] }).query('X.test', 'TXT', { checkingDisabled: true });
  expect(reply).toMatchObject({ state: 'answered', rcode: 'NOERROR', isAuthentic: true });
  expect(textsOf(reply)).toEqual(['hello']);
  expect(questions[0]).toMatchObject({ flag_cd: true, flag_rd: true, flag_ad: true });
});

test('checking is only disabled, and recursion only left out, when asked for', async () => {
  const { server, questions } = await serverThat((query) => [properAnswer(query, [])]);
  const client = new DnsClient({ servers: [server] });
  await client.query('x.test', 'TXT');
  await client.query('x.test', 'TXT', { recursionDesired: false });
  expect(questions.map(({ flags = 0 }) => flags & CHECKING_DISABLED)).toEqual([0, 0]);
  expect(questions.map(({ flag_rd }) => flag_rd)).toEqual([true, false]);
});

test('a truncated answer is asked for again over TCP, up to 64 KB', async () => {
  const many = Array.from({ length: 220 }, (_, number) => txt(`${number} ${'y'.repeat(245)}`));
  const { server } = await serverThat((query, isTcp) => [
    isTcp ? properAnswer(query, many) : properAnswer(query, [txt('half')], { flags: TRUNCATED }),
  ]);
  const texts = textsOf(await new DnsClient({ servers: [server] }).query('x.test', 'TXT'));
  expect(texts).toHaveLength(220);
  expect(texts).not.toContain('half');
});

test('an answer that is truncated over TCP too is none: half a set is never taken for the whole', async () => {
  const { server } = await serverThat((query) => [properAnswer(query, [txt('half')], { flags: TRUNCATED })]);
  expect(await new DnsClient({ servers: [server], tries: 1 }).query('x.test', 'TXT')).toEqual({
    state: 'failed',
    fault: 'EBADRESP',
  });
});

test.each<[string, RawAnswer]>([
  [
    'an answer with another id',
    (query) => [properAnswer(query, [txt('forged')], { id: ((query.id ?? 0) + 1) % 65_536 })],
  ],
  [
    'an answer to another name',
    (query) => [
      properAnswer(query, [txt('forged')], { questions: [{ type: 'TXT', name: 'y.test', class: 'IN' }] }),
    ],
  ],
  [
    'an answer to another type',
    (query) => [
      properAnswer(query, [txt('forged')], { questions: [{ type: 'A', name: 'x.test', class: 'IN' }] }),
    ],
  ],
  ['our own question', (query) => [properAnswer(query, [txt('forged')]).fill(0, 2, 3)]],
  ['three octets', () => [Buffer.from('abc')]],
  ['an answer without a question', (query) => [properAnswer(query, [txt('forged')], { questions: [] })]],
])('%s is passed over, and the proper one behind it taken', async (_what, forged) => {
  const { server } = await serverThat((query, isTcp) => [
    ...forged(query, isTcp),
    properAnswer(query, [txt('true')]),
  ]);
  expect(textsOf(await new DnsClient({ servers: [server] }).query('x.test', 'TXT'))).toEqual(['true']);
});

test('where only forged answers come, the time runs out', async () => {
  const { server } = await serverThat((query) => [
    properAnswer(query, [txt('forged')], { id: ((query.id ?? 0) + 1) % 65_536 }),
  ]);
  const client = new DnsClient({ servers: [server], timeoutMs: SHORT_MS, tries: 2 });
  expect(await client.query('x.test', 'TXT')).toEqual({ state: 'failed', fault: 'ETIMEOUT' });
});

test('an answer that breaks off in the middle, or points in circles, is a bad one', async () => {
  const spoilt: ((whole: Buffer) => Buffer)[] = [
    (whole) => whole.subarray(0, whole.length - 7),
    (whole) => {
      const copy = Buffer.from(whole);
      // The first record's name becomes a pointer to itself.
      copy.writeUInt16BE(0xc000 + 24, 24);
      return copy;
    },
    (whole) => {
      const copy = Buffer.from(whole);
      copy.writeUInt16BE(65_535, 6);
      return copy;
    },
  ];
  for (const spoil of spoilt) {
    const { server } = await serverThat((query) => [spoil(properAnswer(query, [txt('a long text')]))]);
    const client = new DnsClient({ servers: [server], tries: 1 });
    expect(await client.query('x.test', 'TXT')).toEqual({ state: 'failed', fault: 'EBADRESP' });
  }
});

test('64 KB of names that point at each other are read without delay for others', async () => {
  const { server } = await serverThat((query, isTcp) => {
    if (!isTcp) return [properAnswer(query, [], { flags: TRUNCATED })];
    const head = properAnswer(query, []);
    const chain = Buffer.alloc(32_000);
    const chainAt = head.length + 11;
    for (let at = 0; at < chain.length; at += 2) {
      chain.writeUInt16BE(0xc000 + Math.min(0x3fff, at === 0 ? 12 : chainAt + at - 2), at);
    }
    const record = Buffer.alloc(11);
    record.writeUInt16BE(65_280, 1);
    record.writeUInt16BE(1, 3);
    record.writeUInt16BE(chain.length, 9);
    const pointing = Buffer.alloc(12 * 2500);
    for (let at = 0; at < pointing.length; at += 12) {
      pointing.writeUInt16BE(0xc000 + 0x3ffd, at);
      pointing.writeUInt16BE(65_280, at + 2);
      pointing.writeUInt16BE(1, at + 4);
    }
    head.writeUInt16BE(2501, 6);
    return [Buffer.concat([head, record, chain, pointing])];
  });
  const reply = await new DnsClient({ servers: [server], tries: 1 }).query('x.test', 'TXT');
  expect(reply.state === 'failed' ? reply.fault : reply.answers.length).toEqual(
    reply.state === 'failed' ? 'EBADRESP' : 2501,
  );
});

test('a server that knows no EDNS is asked without', async () => {
  const { server, questions } = await serverThat((query) =>
    query.additionals?.length === 0
      ? [properAnswer(query, [txt('old')])]
      : [properAnswer(query, [], { flags: FORMERR, questions: [] })],
  );
  expect(textsOf(await new DnsClient({ servers: [server] }).query('x.test', 'TXT'))).toEqual(['old']);
  expect(questions).toHaveLength(2);
});

test('the next server is asked where one fails; all failing, what one said is told', async () => {
  const failing = await serverThat((query) => [properAnswer(query, [], { flags: SERVFAIL })]);
  const working = await serverThat((query) => [properAnswer(query, [txt('second')])]);
  const dead = `127.0.0.1:${await freePort()}`;
  const ask = (...list: string[]) =>
    new DnsClient({ servers: list, timeoutMs: SHORT_MS }).query('x.test', 'TXT');
  expect(textsOf(await ask(dead, failing.server, working.server))).toEqual(['second']);
  expect(await ask(failing.server, dead)).toMatchObject({ state: 'answered', rcode: 'SERVFAIL' });
  expect(await ask(dead)).toEqual({ state: 'failed', fault: 'ECONNREFUSED' });
});

test('a silent server is asked twice; a stopped query ends at once', async () => {
  const { server, questions } = await serverThat(() => []);
  const client = new DnsClient({ servers: [server], timeoutMs: SHORT_MS });
  expect(await client.query('x.test', 'TXT')).toEqual({ state: 'failed', fault: 'ETIMEOUT' });
  expect(questions).toHaveLength(2);
  const stopped = await client.query('x.test', 'TXT', { signal: AbortSignal.abort() });
  expect(stopped).toEqual({ state: 'failed', fault: 'ECANCELLED' });
});

test('each question has a source port and an id of its own, and no more than the bound wait at once', async () => {
  const dns = await serverThat((query) => [properAnswer(query, [])], 20);
  const client = new DnsClient({ servers: [dns.server], queries: 5 });
  await Promise.all(Array.from({ length: 40 }, (_, number) => client.query(`n${number}.test`, 'TXT')));
  expect(dns.mostWaiting()).toBeLessThanOrEqual(5);
  expect(new Set(dns.sourcePorts).size).toBeGreaterThan(20);
  expect(new Set(dns.questions.map(({ id }) => id)).size).toBeGreaterThan(30);
});

test.each(['', 'a..b', `${'l'.repeat(64)}.test`, `${'l.'.repeat(128)}test`, 'a b.test', 'ä.test'])(
  'what is no name (%j) is not sent',
  async (name) => {
    const { server, questions } = await serverThat((query) => [properAnswer(query, [])]);
    const client = new DnsClient({ servers: [server] });
    expect(await client.query(name, 'TXT')).toEqual({ state: 'failed', fault: 'EBADRESP' });
    expect(questions).toHaveLength(0);
  },
);
