import { getEventListeners } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FileOutbox } from '../../../src/adapters/notify/outbox/outbox.js';
import type { OutgoingMessage } from '../../../src/core/notice/outgoing-message.js';
import { deliverMessages } from '../../../src/runs/notice/deliver-messages.js';
import type { NoticeChannel } from '../../../src/runs/ports/messages.js';
import { buildChildProgram, Child } from '../../support/child-program.js';
import { DELIVERED, FakeChannel, refusal } from '../../support/fake-channel.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { MemoryLocks } from '../../support/memory-stores.js';
import { aMessage } from '../../support/outgoing-message.js';
import { leavePastLogs } from '../../support/run-logs.js';
import { scratchTree } from '../../support/scratch.js';

const START = '2026-11-22T03:00:00.000Z';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let scratch: ReturnType<typeof scratchTree>;
let clock: ReturnType<typeof fixedClock>;
let outbox: FileOutbox;
let locks: MemoryLocks;
beforeEach(() => {
  scratch = scratchTree();
  clock = fixedClock(START);
  outbox = new FileOutbox(scratch.tree, clock);
  locks = new MemoryLocks();
});
afterEach(() => scratch.remove());

const message = (id: string, more: Partial<OutgoingMessage> = {}) => aMessage({ id, ...more });
const pass = (ms: number): void => clock.set(new Date(clock.now().getTime() + ms).toISOString());
const files = (): readonly string[] =>
  existsSync(scratch.tree.outbox()) ? readdirSync(scratch.tree.outbox()).sort() : [];
function deliver(
  channels: readonly NoticeChannel[],
  boundMs = MINUTE_MS,
  signal = new AbortController().signal,
) {
  return deliverMessages({ queue: outbox, channels, locks, clock }, { signal, boundMs });
}
/** As the poller does, every five minutes. */
async function poll(channels: readonly NoticeChannel[], forMs: number): Promise<void> {
  for (let spent = 0; spent < forMs; spent += 5 * MINUTE_MS) {
    pass(5 * MINUTE_MS);
    if (outbox.isAnyDue(clock.now())) await deliver(channels);
  }
}

describe('the outbox', () => {
  test('keeps a message for root alone, whole', async () => {
    expect(await outbox.add([message('told-1')])).toEqual({ added: ['told-1'], known: [], refused: [] });
    const path = join(scratch.tree.outbox(), 'told-1.json');
    expect(lstatSync(path).mode & 0o777).toBe(0o600);
    expect(lstatSync(scratch.tree.outbox()).mode & 0o777).toBe(0o700);
    expect(await outbox.read('told-1')).toEqual({ message: message('told-1'), deliveries: {} });
  });

  test('takes an id once: while it waits, and for a month after it was sent', async () => {
    const channel = new FakeChannel();
    expect((await outbox.add([message('told-1'), message('told-1')])).known).toEqual(['told-1']);
    expect((await outbox.add([message('told-1')])).known).toEqual(['told-1']);
    await deliver([channel]);
    pass(29 * DAY_MS);
    expect((await outbox.add([message('told-1')])).known).toEqual(['told-1']);
    pass(2 * DAY_MS);
    expect((await outbox.add([message('told-1')])).added).toEqual(['told-1']);
    expect(channel.taken).toHaveLength(1);
  });

  test.each([
    [{ to: '-oQ/tmp/x' }, 'is no recipient'],
    [{ to: 'a@example.com\nBcc: b@example.com' }, 'is no recipient'],
    [{ id: '../../etc/passwd' }, 'its id is none'],
    [{ id: '' }, 'its id is none'],
    [{ createdAt: 'yesterday' }, 'its instant is none'],
    [{ text: 'x'.repeat(3 * 1024 * 1024) }, 'larger than'],
  ])('refuses %j with a reason', async (more, why) => {
    const addition = await outbox.add([message('told-1', more)]);
    expect(addition).toMatchObject({ added: [], refused: [{ why: expect.stringContaining(why) }] });
    expect(files()).toEqual([]);
  });

  test('is bounded, and has places left for the administrator', async () => {
    outbox = new FileOutbox(scratch.tree, clock, { messages: 20, bytes: 1024 * 1024 });
    const users = Array.from({ length: 30 }, (_, index) => message(`user-${index}`, { audience: 'user' }));
    expect((await outbox.add(users)).refused).toHaveLength(11);
    expect((await outbox.add([message('root-1'), message('root-2')])).refused).toEqual([
      { id: 'root-2', why: '20 messages wait already' },
    ]);
    outbox = new FileOutbox(scratch.tree, clock, { messages: 1000, bytes: 30_000 });
    expect((await outbox.add([message('large', { text: 'x'.repeat(25_000) })])).refused).toHaveLength(1);
  });

  test('that cannot be written refuses all, and throws nothing', async () => {
    writeFileSync(join(scratch.root, 'var'), 'a file');
    expect(await outbox.add([message('told-1')])).toMatchObject({ added: [], refused: [{ id: 'told-1' }] });
    expect(outbox.isAnyDue(clock.now())).toBe(false);
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['nothing', ''],
    ['somebody else’s JSON', '{"schemaVersion":1}'],
    ['another message', JSON.stringify({ schemaVersion: 1, message: aMessage({ id: 'x' }), deliveries: {} })],
    [
      'a recipient that is an option',
      JSON.stringify({ schemaVersion: 1, message: aMessage({ id: 'bad', to: '-oQ/x' }), deliveries: {} }),
    ],
  ])('sets a file aside that holds %s, and delivers the others', async (_, text) => {
    await outbox.add([message('good')]);
    writeFileSync(join(scratch.tree.outbox(), 'bad.json'), text);
    const channel = new FakeChannel();
    pass(DAY_MS * 365 * 10);
    expect(await deliver([channel])).toMatchObject({ delivered: 1 });
    expect(files()).toEqual(['bad.json.damaged']);
    expect((await outbox.list()).damaged).toEqual(['bad.json.damaged']);
  });

  test('leaves a newer version’s message, strange names, folders and links alone', async () => {
    await outbox.add([message('good')]);
    const at = (name: string): string => join(scratch.tree.outbox(), name);
    writeFileSync(at('newer.json'), JSON.stringify({ schemaVersion: 2, message: aMessage({ id: 'newer' }) }));
    writeFileSync(at('not a message'), 'x');
    symlinkSync('/etc/passwd', at('link'));
    pass(DAY_MS * 365 * 10);
    const channel = new FakeChannel();
    await deliver([channel]);
    expect(channel.taken.map(({ id }) => id)).toEqual(['good']);
    expect(files()).toEqual(['link', 'newer.json', 'not a message']);
    expect(outbox.isAnyDue(clock.now())).toBe(false);
  });

  test('has a damaged list of sent ids forgive the rest of it', async () => {
    await outbox.add([message('told-1')]);
    await deliver([new FakeChannel()]);
    const path = join(scratch.tree.notices(), 'sent.jsonl');
    writeFileSync(path, `{"id":\n\u0000\u0000\n${readFileSync(path, 'utf8')}{"id":"x`);
    await outbox.add([message('told-2')]);
    await deliver([new FakeChannel()]);
    expect((await outbox.add([message('told-1'), message('told-2')])).known).toEqual(['told-1', 'told-2']);
  });
});

describe('a delivery', () => {
  test('hands each message to each channel that carries it, once', async () => {
    const mail = new FakeChannel('mail');
    const webhook = new FakeChannel('webhook', ['administrator']);
    await outbox.add([
      message('root-1'),
      message('user-1', { audience: 'user', account: 'alice', to: 'a@b.c' }),
    ]);
    expect(await deliver([mail, webhook])).toMatchObject({ delivered: 3, postponed: [], givenUp: [] });
    expect(mail.taken.map(({ id }) => id).sort()).toEqual(['root-1', 'user-1']);
    expect(webhook.taken.map(({ id }) => id)).toEqual(['root-1']);
    expect(files()).toEqual([]);
    expect(await deliver([mail, webhook])).toMatchObject({ delivered: 0 });
  });

  test('begins with what administrators are told, however long others have waited', async () => {
    const mail = new FakeChannel('mail');
    const forged = 'x","audience":"administrator","';
    const users = Array.from({ length: 8 }, (_, index) =>
      message(`user-${index}`, { audience: 'user', account: forged, to: 'a@b.c', subject: forged }),
    );
    await outbox.add(users);
    pass(HOUR_MS);
    await outbox.add([message('root-1'), message('root-2')]);
    expect(outbox.due(clock.now()).slice(0, 2).sort()).toEqual(['root-1', 'root-2']);
    await deliver([mail]);
    expect(mail.taken).toHaveLength(10);
  });

  test('goes on with the channel that refused, and never again with the one that took it', async () => {
    const mail = new FakeChannel('mail');
    const webhook = new FakeChannel('webhook');
    webhook.answer = () => refusal({ why: 'it answered with status 500', isChannelDown: true });
    await outbox.add([message('root-1')]);
    expect(await deliver([mail, webhook])).toMatchObject({ postponed: [{ channel: 'the fake webhook' }] });
    expect(await deliver([mail, webhook])).toMatchObject({ delivered: 0, postponed: [] });
    webhook.answer = () => DELIVERED;
    pass(MINUTE_MS);
    await deliver([mail, webhook]);
    expect([mail.attempts, webhook.attempts, webhook.taken.length]).toEqual([1, 2, 1]);
  });

  test('of a mail server that is down for a day loses nothing and makes no storm', async () => {
    const mail = new FakeChannel('mail');
    mail.answer = () => refusal({ isChannelDown: true, why: 'the connection is refused' });
    const ids = Array.from({ length: 40 }, (_, index) => `told-${index}`);
    await outbox.add(ids.map((id) => message(id)));
    await poll([mail], DAY_MS);
    // A handful each five minutes, whatever waits; far fewer than messages times pauses.
    expect(mail.attempts).toBeLessThan(40 * 11);
    expect(files()).toHaveLength(40);
    mail.answer = () => DELIVERED;
    await poll([mail], 5 * HOUR_MS);
    expect(mail.taken.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(files()).toEqual([]);
  });

  test('asks a channel that is down a few times in a turn, however much waits', async () => {
    const mail = new FakeChannel('mail');
    mail.answer = () => refusal({ isChannelDown: true });
    await outbox.add(Array.from({ length: 100 }, (_, index) => message(`told-${index}`)));
    await deliver([mail]);
    expect(mail.attempts).toBeLessThanOrEqual(6);
  });

  test('of one channel that is down does not hold up the other', async () => {
    const mail = new FakeChannel('mail');
    const webhook = new FakeChannel('webhook');
    mail.answer = () => refusal({ isChannelDown: true });
    await outbox.add(Array.from({ length: 30 }, (_, index) => message(`told-${index}`)));
    await deliver([mail, webhook]);
    expect(webhook.taken).toHaveLength(30);
    expect(files()).toHaveLength(30);
  });

  test('waits longer each time, and gives up after five days, which is shown for a month', async () => {
    const mail = new FakeChannel('mail');
    const at: number[] = [];
    mail.answer = () => {
      at.push((clock.now().getTime() - Date.parse(START)) / MINUTE_MS);
      return refusal({ why: '451 try again later' });
    };
    await outbox.add([message('told-1')]);
    await deliver([mail]);
    await poll([mail], 6 * DAY_MS);
    expect(at.slice(0, 6)).toEqual([0, 5, 10, 25, 85, 325]);
    expect(at.at(-1)).toBeGreaterThanOrEqual(5 * 24 * 60);
    expect(at.length).toBeLessThan(40);
    expect(files()).toEqual([]);
    const { waiting, givenUp } = await outbox.list();
    expect(waiting).toEqual([]);
    expect(givenUp).toMatchObject([
      { deliveries: { mail: { state: 'given-up', answer: '451 try again later' } } },
    ]);
    pass(31 * DAY_MS);
    await deliver([mail]);
    // It may be the clock that was set: nobody ran on any of these days.
    expect((await outbox.list()).givenUp).toHaveLength(1);
    leavePastLogs(scratch.tree, clock.now());
    await deliver([mail]);
    expect((await outbox.list()).givenUp).toEqual([]);
  });

  test('by a server that takes all and never says so gives it twice in all, and says that it gave up', async () => {
    const mail = new FakeChannel('mail');
    const why = 'it does not answer in time';
    mail.answer = () => refusal({ isChannelDown: true, mayHaveArrived: true, why });
    await outbox.add([message('told-1')]);
    await deliver([mail]);
    await poll([mail], 6 * DAY_MS);
    expect(mail.handedOver).toBe(2);
    expect((await outbox.list()).givenUp).toMatchObject([
      { deliveries: { mail: { state: 'given-up', answer: `${why}; given twice, it may have arrived` } } },
    ]);
    expect((await outbox.add([message('told-1')])).known).toEqual(['told-1']);
  });

  test('whose process is slow to be taken by servers that then refuse is not counted as given', async () => {
    const mail = new FakeChannel('mail');
    mail.answer = () => refusal({ isChannelDown: true, why: '451 later' });
    await outbox.add([message('told-1')]);
    await deliver([mail]);
    await poll([mail], DAY_MS);
    expect(mail.handedOver).toBeGreaterThan(2);
    mail.answer = () => DELIVERED;
    await poll([mail], 5 * HOUR_MS);
    expect(mail.taken).toHaveLength(1);
  });

  test('gives up at once what is never taken, and is the only one to', async () => {
    const mail = new FakeChannel('mail');
    mail.answer = ({ to }) =>
      to === 'gone' ? refusal({ isPermanent: true, why: '550 no such user' }) : DELIVERED;
    await outbox.add([message('told-1', { to: 'gone' }), message('told-2')]);
    expect(await deliver([mail])).toMatchObject({
      ...{ delivered: 1, postponed: [] },
      givenUp: [{ id: 'told-1', to: 'gone', why: '550 no such user' }],
    });
    expect((await outbox.add([message('told-1')])).added).toEqual([]);
  });

  test('whose time is over leaves the rest to the next', async () => {
    const mail = new FakeChannel('mail');
    mail.answer = () => {
      pass(20_000);
      return DELIVERED;
    };
    await outbox.add(Array.from({ length: 50 }, (_, index) => message(`told-${index}`)));
    await deliver([mail]);
    expect(mail.taken.length).toBeLessThan(8);
    expect(files()).toHaveLength(50 - mail.taken.length);
  });

  test('that is told to stop notes what it knows, and the rest waits', async () => {
    const mail = new FakeChannel('mail');
    mail.answer = () => null;
    await outbox.add([message('told-1')]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('stopped')), 100);
    await deliver([mail], MINUTE_MS, controller.signal);
    expect((await outbox.list()).waiting).toMatchObject([
      { deliveries: { mail: { unanswered: 1, attempts: 1 } } },
    ]);
  });

  test('of many messages by many channels at once has node warn of no listener', async () => {
    const channels = (['mail', 'webhook', 'command'] as const).map((name) => new FakeChannel(name));
    for (const channel of channels) channel.answer = () => null;
    await outbox.add(Array.from({ length: 4 }, (_, index) => message(`told-${index}`)));
    const controller = new AbortController();
    const delivery = deliver(channels, MINUTE_MS, controller.signal);
    while (channels.some(({ handedOver }) => handedOver < 4)) await pause(5);
    // Node warns of the eleventh.
    const listeners = channels.flatMap(({ signals }) =>
      signals.map((one) => getEventListeners(one, 'abort').length),
    );
    expect([listeners.length, Math.max(...listeners)]).toEqual([12, 1]);
    controller.abort(new Error('stopped'));
    await delivery;
  });

  test('beside another one does nothing', async () => {
    await outbox.add([message('told-1')]);
    await locks.tryAcquire('notices', 'another');
    const mail = new FakeChannel('mail');
    expect(await deliver([mail])).toMatchObject({ isElsewhere: true, delivered: 0 });
    expect(mail.attempts).toBe(0);
  });

  test('sends nothing that it could not note before', async () => {
    await outbox.add([message('told-1')]);
    const mail = new FakeChannel('mail');
    const failing = Object.create(outbox, {
      note: { value: () => Promise.reject(new Error('the disk is full')) },
    }) as FileOutbox;
    const { due, read, tidy } = outbox;
    const queue = Object.assign(failing, {
      due: due.bind(outbox),
      read: read.bind(outbox),
      tidy: tidy.bind(outbox),
    });
    const host = { queue, channels: [mail], locks, clock };
    const { signal } = new AbortController();
    await expect(deliverMessages(host, { signal, boundMs: MINUTE_MS })).rejects.toThrow('the disk is full');
    expect(mail.handedOver).toBe(0);
  });

  test('drops what waits for channels that the settings no longer have', async () => {
    const mail = new FakeChannel('mail');
    mail.answer = () => refusal();
    await outbox.add([message('told-1')]);
    await deliver([mail]);
    pass(DAY_MS);
    await deliver([new FakeChannel('webhook')]);
    expect(files()).toEqual([]);
  });
});

describe('a process that is killed between sending and noting', () => {
  let program: string;
  beforeAll(async () => {
    program = await buildChildProgram('message-sender');
  });
  const at = (ms: number): string => new Date(Date.parse(START) + ms).toISOString();
  const sent = (): readonly string[] => {
    const file = join(scratch.root, 'sent');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  const start = (instant: string, how = ''): Child =>
    new Child(program, [scratch.root, instant, join(scratch.root, 'sent'), how]);
  async function killedWhileSending(instant: string): Promise<void> {
    const child = start(instant, 'hang');
    expect(await child.line()).toBe('sent');
    await child.kill();
  }

  test('sends it once more, and then never again', async () => {
    chmodSync(scratch.root, 0o755);
    await outbox.add([message('told-1')]);
    await killedWhileSending(START);
    // Not at once: a crash that repeats itself is no storm.
    await start(START).exited();
    expect(sent()).toEqual(['told-1']);
    const again = start(at(2 * MINUTE_MS));
    expect(await again.line()).toContain('"delivered":1');
    await again.exited();
    await start(at(DAY_MS)).exited();
    expect(sent()).toEqual(['told-1', 'told-1']);
    expect(files()).toEqual([]);
  });

  test('twice has it given up, and said, rather than sent a third time', async () => {
    await outbox.add([message('told-1')]);
    await killedWhileSending(START);
    await killedWhileSending(at(2 * MINUTE_MS));
    const third = start(at(DAY_MS));
    expect(await third.line()).toContain('it may have arrived');
    await third.exited();
    expect(sent()).toEqual(['told-1', 'told-1']);
    expect((await outbox.list()).givenUp).toHaveLength(1);
  });

  test('twice costs nothing of what had not been handed over, though it was on its way', async () => {
    await outbox.add(['told-1', 'told-2', 'told-3', 'told-4'].map((id) => message(id)));
    for (const instant of [START, at(2 * MINUTE_MS)]) {
      const child = start(instant, 'hang-first');
      expect(await child.line()).toBe('sent');
      await child.kill();
    }
    expect(sent()).toEqual(['told-1', 'told-1']);
    const third = start(at(DAY_MS));
    expect(await third.line()).toContain('"delivered":3');
    await third.exited();
    expect([...sent()].sort()).toEqual(['told-1', 'told-1', 'told-2', 'told-3', 'told-4']);
    expect((await outbox.list()).givenUp.map((queued) => queued.message.id)).toEqual(['told-1']);
  });

  test('twice, with several handed over each time, gives up the one alone that was given twice', async () => {
    await outbox.add(['told-1', 'told-2', 'told-3', 'told-4'].map((id) => message(id)));
    const child = start(START, 'hang');
    for (let place = 0; place < 4; place += 1) expect(await child.line()).toBe('sent');
    await child.kill();
    await killedWhileSending(at(2 * MINUTE_MS));
    expect(sent()).toHaveLength(5);
    const third = start(at(DAY_MS));
    expect(await third.line()).toContain('"delivered":3');
    await third.exited();
    expect(sent()).toHaveLength(8);
    for (const id of new Set(sent())) expect(sent().filter((one) => one === id)).toHaveLength(2);
    expect((await outbox.list()).givenUp).toHaveLength(1);
  });
});
