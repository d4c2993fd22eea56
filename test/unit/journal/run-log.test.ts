import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readJsonSync } from 'fs-extra/esm';
import { readRunLog, readRunLogAttributes } from '../../../src/adapters/journal/log-reading.js';
import { tidyRunLogs } from '../../../src/adapters/journal/log-tidying.js';
import { openRunLog, resumeRunLog } from '../../../src/adapters/journal/run-log.js';
import { LogSink } from '../../../src/adapters/journal/sink.js';
import type { RunEvent } from '../../../src/core/report/events/event.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { everythingBelow } from '../../support/folder-listing.js';
import { leavePastLogs } from '../../support/run-logs.js';
import { scratchTree } from '../../support/scratch.js';

const START = '2026-06-01T02:03:04Z';
let scratch: ReturnType<typeof scratchTree>;
let clock: ReturnType<typeof fixedClock>;
beforeEach(() => {
  scratch = scratchTree();
  clock = fixedClock(START);
});
afterEach(() => scratch.remove());

const facts = () => ({ provider: 'LetsEncrypt', username: '*', clock });
const event = (contents: string): RunEvent => ({ type: 'out', code: 'X', indent: 0, contents });
const logFolder = (name: string): string => join(scratch.tree.logs(), name);
const DEAD = '1.1.00000000-0000-0000-0000-000000000000';
/** A log of an earlier run, as it would lie there. */
function pastLog(name: string, options: { bytes?: number; upid?: string; age?: number } = {}): string {
  const folder = logFolder(name);
  mkdirSync(folder, { recursive: true });
  symlinkSync(options.upid ?? DEAD, join(folder, 'upid'));
  const line = `${'x'.repeat(99)}\n`;
  for (const file of ['json', 'txt']) {
    writeFileSync(join(folder, file), line.repeat((options.bytes ?? 100) / 100));
    const at = new Date(clock.now().getTime() - (options.age ?? 2 * 86_400_000));
    utimesSync(join(folder, file), at, at);
  }
  return folder;
}

describe('a run’s log', () => {
  test('is a folder named by its start, with its attributes as links and both files for root only', async () => {
    const log = await openRunLog(scratch.tree, facts());
    log.record(event('Hello'));
    await log.close();
    expect(log.startedAt).toBe(START);
    const folder = logFolder(START);
    expect(readdirSync(folder)).toEqual(['json', 'provider', 'txt', 'upid', 'username']);
    expect(readlinkSync(join(folder, 'provider'))).toBe('LetsEncrypt');
    expect(readlinkSync(join(folder, 'username'))).toBe('*');
    expect(readlinkSync(join(folder, 'upid'))).toMatch(new RegExp(`^${process.pid}\\.\\d+\\.[0-9a-f-]{36}$`));
    expect(readFileSync(join(folder, 'txt'), 'utf8')).toBe(`[${START}] Hello\n`);
    expect(readJsonSync(join(folder, 'json'))).toMatchObject({
      contents: 'Hello\n',
      pid: process.pid,
      partial: 0,
    });
    for (const path of [folder, scratch.tree.logs()]) expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const file of ['json', 'txt']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(await readRunLogAttributes(scratch.tree, START)).toMatchObject({
      provider: 'LetsEncrypt',
      username: '*',
      isInProgress: true,
    });
  });

  test('takes the next second when the name is taken', async () => {
    const logs = [await openRunLog(scratch.tree, facts()), await openRunLog(scratch.tree, facts())];
    expect(logs.map((log) => log.startedAt)).toEqual([START, '2026-06-01T02:03:05Z']);
    for (const log of logs) await log.close();
  });

  test('is goes on by a poller under its first name, while another one is not made', async () => {
    const first = await openRunLog(scratch.tree, facts());
    first.record(event('ordered'));
    await first.close();
    clock.set('2026-06-01T03:00:00Z');
    const second = await resumeRunLog(scratch.tree, '2026-06-01T02:03:04.000Z', clock);
    second?.record(event('issued'));
    await second?.close();
    expect(await readRunLog(scratch.tree, START, 'txt')).toBe(
      `[${START}] ordered\n[2026-06-01T03:00:00Z] issued\n`,
    );
    expect(readdirSync(logFolder(START))).toEqual(['json', 'provider', 'txt', 'upid', 'username']);
  });

  test.each(['2026-06-01T00:00:00Z', '../../etc', '', '..'])(
    'cannot be resumed as %j, which is not there',
    async (name) => {
      mkdirSync(scratch.tree.logs(), { recursive: true });
      expect(await resumeRunLog(scratch.tree, name, clock)).toBeUndefined();
      expect(await readRunLog(scratch.tree, name, 'json')).toBeUndefined();
    },
  );

  test('keeps lines back, and writes them when there are many', async () => {
    const log = await openRunLog(scratch.tree, facts());
    log.record(event('short'));
    expect(statSync(join(logFolder(START), 'txt')).size).toBe(0);
    log.record(event('y'.repeat(70_000)));
    expect(statSync(join(logFolder(START), 'txt')).size).toBeGreaterThan(70_000);
    log.record(event('last'));
    await log.flush();
    expect(readFileSync(join(logFolder(START), 'txt'), 'utf8')).toMatch(/last\n$/);
    await log.close();
    log.record(event('too late'));
    await log.close();
    expect(readFileSync(join(logFolder(START), 'txt'), 'utf8')).not.toContain('too late');
  });

  test('whose folder leads out of the tree is refused', async () => {
    mkdirSync(join(scratch.root, 'var/cpanel/logs'), { recursive: true });
    symlinkSync('/tmp', scratch.tree.logs());
    await expect(openRunLog(scratch.tree, facts())).rejects.toMatchObject({ code: 'UNSAFE_FILE' });
  });

  test('whose file was replaced by a link is not written to', async () => {
    const folder = pastLog(START);
    const victim = join(scratch.root, 'victim');
    writeFileSync(victim, '');
    const json = join(folder, 'json');
    const { rmSync } = await import('node:fs');
    rmSync(json);
    symlinkSync(victim, json);
    await expect(resumeRunLog(scratch.tree, START, clock)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(readFileSync(victim, 'utf8')).toBe('');
  });
});

describe('a log on a full disk', () => {
  test('loses lines, not the run, and says how many', () => {
    const sink = new LogSink('/dev/full', { isNew: false });
    sink.append(['a\n', 'b\n']);
    sink.append(['c\n']);
    expect(sink.lostLines).toBe(3);
    expect(sink.fault).toMatchObject({ code: 'ENOSPC' });
    sink.close();
  });
});

describe('tidying', () => {
  const tidy = (): Promise<readonly string[]> => tidyRunLogs(scratch.tree, clock.now());

  test('drops logs of more than 30 days and nothing that is no log', async () => {
    leavePastLogs(scratch.tree, clock.now());
    const lately = readdirSync(scratch.tree.logs());
    pastLog('2026-05-02T02:03:03Z');
    pastLog('2026-05-02T02:03:05Z');
    pastLog('2026-01-01T00:00:00Z-kept-by-root');
    mkdirSync(logFolder('notes'));
    const elsewhere = join(scratch.root, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'file'), '');
    symlinkSync(elsewhere, logFolder('2026-01-02T00:00:00Z'));
    symlinkSync(elsewhere, join(logFolder('2026-05-02T02:03:03Z'), 'link'));
    expect(await tidy()).toEqual([]);
    expect(readdirSync(scratch.tree.logs())).toEqual([
      '2026-01-01T00:00:00Z-kept-by-root',
      '2026-01-02T00:00:00Z',
      '2026-05-02T02:03:05Z',
      ...lately,
      'notes',
    ]);
    expect(existsSync(join(elsewhere, 'file'))).toBe(true);
  });

  test('compresses large closed logs of more than a day; reading and resuming go on as before', async () => {
    const name = '2026-05-30T00:00:00Z';
    const folder = pastLog(name, { bytes: 2_000_000 });
    const before = readFileSync(join(folder, 'txt'), 'utf8');
    expect(await tidy()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['json.gz', 'txt.gz', 'upid']);
    expect(statSync(join(folder, 'txt.gz')).mode & 0o777).toBe(0o600);
    expect(await readRunLog(scratch.tree, name, 'txt')).toBe(before);
    const poller = await resumeRunLog(scratch.tree, name, clock);
    poller?.record(event('z'.repeat(1_100_000)));
    await poller?.close();
    const both = await readRunLog(scratch.tree, name, 'txt');
    expect(both).toHaveLength(before.length + 1_100_000 + '[2026-05-30T00:00:00Z] \n'.length);
    const old = new Date(clock.now().getTime() - 2 * 86_400_000);
    utimesSync(join(folder, 'txt'), old, old);
    await tidy();
    expect(existsSync(join(folder, 'txt'))).toBe(false);
    expect(await readRunLog(scratch.tree, name, 'txt')).toBe(both);
  });

  test.each([
    ['small', { bytes: 1000 }],
    ['written to within the day', { bytes: 2_000_000, age: 3_600_000 }],
  ])('leaves a log that is %s', async (_, options) => {
    const folder = pastLog('2026-05-30T00:00:00Z', options);
    await tidy();
    expect(readdirSync(folder)).toEqual(['json', 'txt', 'upid']);
  });

  test('leaves a log that a living run or poller has open, and clears what a dead poller left', async () => {
    const running = await openRunLog(scratch.tree, facts());
    const upid = readlinkSync(join(logFolder(START), 'upid'));
    await running.close();
    const open = pastLog('2026-05-29T00:00:00Z', { bytes: 2_000_000, upid });
    const polled = pastLog('2026-05-30T00:00:00Z', { bytes: 2_000_000 });
    symlinkSync(upid, join(polled, 'writer-1'));
    const left = pastLog('2026-05-31T00:00:00Z', { bytes: 2_000_000 });
    symlinkSync(DEAD, join(left, 'writer-1'));
    await tidy();
    expect(readdirSync(open)).toEqual(['json', 'txt', 'upid']);
    expect(readdirSync(polled)).toEqual(['json', 'txt', 'upid', 'writer-1']);
    expect(readdirSync(left)).toEqual(['json.gz', 'txt.gz', 'upid']);
  });

  test('is done when the next log is opened', async () => {
    pastLog('2026-01-01T00:00:00Z');
    leavePastLogs(scratch.tree, clock.now());
    const log = await openRunLog(scratch.tree, facts());
    await log.close();
    const kept = everythingBelow(scratch.tree.logs()).filter((path) => path.endsWith('Z/'));
    expect(kept).toHaveLength(5);
    expect(kept).not.toContain('2026-01-01T00:00:00Z/');
  });

  test('keeps all of them when the clock is a year ahead, and says so once; runs of three days later they go', async () => {
    leavePastLogs(scratch.tree, clock.now());
    const before = readdirSync(scratch.tree.logs());
    const said: string[] = [];
    const night = async (at: string): Promise<void> => {
      clock.set(at);
      const log = await openRunLog(scratch.tree, facts());
      await log.close();
      said.push(readFileSync(join(logFolder(log.startedAt), 'txt'), 'utf8'));
    };
    await night('2027-06-01T02:00:00Z');
    await night('2027-06-01T02:05:00Z');
    await night('2027-06-02T02:00:00Z');
    expect(readdirSync(scratch.tree.logs())).toEqual(expect.arrayContaining(before));
    expect(said.map((text) => text.includes('its clock is wrong'))).toEqual([true, false, false]);
    await night('2027-06-03T02:00:00Z');
    expect(readdirSync(scratch.tree.logs())).toHaveLength(4);
  });

  test('keeps all of them when the clock is right again after a night a year ahead', async () => {
    leavePastLogs(scratch.tree, clock.now());
    const before = readdirSync(scratch.tree.logs());
    pastLog('2027-06-01T00:00:00Z');
    expect(await tidy()).toEqual([]);
    expect(readdirSync(scratch.tree.logs())).toEqual([...before, '2027-06-01T00:00:00Z']);
  });
});
