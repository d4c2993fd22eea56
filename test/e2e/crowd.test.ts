import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isLeftBehind, readLockState } from '../../src/adapters/system/locks/lock-folder.js';
import { faultsAfterKills } from '../support/after-crash.js';
import { buildPrograms } from '../support/bin-program.js';
import { accountingOf } from '../support/ca-accounting.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { faultsOfEnd } from '../support/failpoints/faults-of-run.js';
import { type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';
import { type ProgramEnd, type StartedProgram, startBin } from '../support/started-program.js';

const isLong = process.env['LONG'] === '1';
const PROCESSES = 20;
/** Ms for which new programs are started. */
const CROWDED_MS = isLong ? 60_000 : 8_000;
const WEBSITES = isLong ? 12 : 5;
/** Has AutoSSL off, so that what is left out of its certificates changes no order; one name for each writer. */
const WRITTEN = 'written';
const WRITTEN_NAMES = 40;
/** Ms between two kills, on the average: about one program in three meets one. */
const KILLED_EVERY_MS = 400;
const LONGEST_MS = 900_000;
const TRY_AGAIN = 75;
const KEYS = [
  'notify_autossl_expiry',
  'notify_autossl_expiry_user',
  'notify_autossl_renewal',
  'notify_autossl_renewal_user',
  'notify_autossl_renewal_coverage',
  'notify_autossl_renewal_coverage_user',
];

interface Done {
  readonly line: string;
  readonly end: ProgramEnd;
}

describeCrowd('crowd', `${PROCESSES} processes at once on one tree`, false);
// Takes the places of the dead: as long again, and no less.
if (isLong) describeCrowd('dying', `${PROCESSES} processes at once, of which some are killed`, true);

function describeCrowd(label: string, title: string, areKilled: boolean): void {
  describeWithParts(title, ['pebble', 'openssl'], () => declareCrowd(label, areKilled));
}

function declareCrowd(label: string, areKilled: boolean): void {
  let site: CaSite;
  let hosted: HostedWebsites;
  const done: Done[] = [];
  /** What its writer was told is so, by key and by name. */
  const flags = new Map<string, string>();
  const excluded = new Set<string>();
  /** Keys and names whose writer was killed over them: nobody can say what became of that. */
  const unknown = new Set<string>();
  const running = new Set<StartedProgram>();
  let kills = 0;
  const nameOf = (index: number): string => `n${index}.${WRITTEN}.test`;

  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite({ nonceReject: 20 });
    hosted = await hostWebsites(site, label, {
      websites: WEBSITES,
      furnish: (builder) =>
        builder.account(WRITTEN, {
          domain: `${WRITTEN}.test`,
          feature: false,
          subs: Array.from({ length: WRITTEN_NAMES }, (_, index) => nameOf(index)),
        }),
    });
    await crowd();
  }, LONGEST_MS);
  afterAll(() => site?.stop());

  async function run(program: string, ...words: string[]): Promise<ProgramEnd> {
    const started = startBin(program, words, hosted.root);
    running.add(started);
    const end = await started.ended;
    running.delete(started);
    done.push({ line: [program, ...words].join(' '), end });
    return end;
  }

  /** What a process does next. A key and a name have one writer each, so that the last word on them is known. */
  async function act(worker: number, chance: () => number, turn: number): Promise<void> {
    const user = `user${Math.floor(chance() * WEBSITES)}`;
    const key = KEYS[worker];
    const name = nameOf(worker * 2 + (turn % 2));
    const choices: readonly (() => Promise<unknown>)[] = [
      () => run('autossl_check', '--all'),
      () => run('autossl_check', `--user=${user}`),
      () => run('autossl_check_queue'),
      () => run('autossl_check_queue', '--force'),
      () => run('autossl', 'status'),
      () => run('autossl', 'services', 'list'),
      () => run('checkallsslcerts'),
      () => run('autossl_check', '--all', '--dry-run'),
      () => run('whmapi1', 'get_autossl_problems_for_user', `username=${user}`),
      async () => {
        if (key === undefined) return run('whmapi1', 'get_autossl_metadata');
        const value = chance() < 0.5 ? '0' : '1';
        const end = await run('whmapi1', 'set_autossl_metadata_key', `key=${key}`, `value=${value}`);
        if (end.exitCode === 0) flags.set(key, value);
        else unknown.add(key);
        return end;
      },
      async () => {
        const isAdded = chance() < 0.6;
        const change = isAdded ? 'add' : 'remove';
        const end =
          chance() < 0.5
            ? await run(
                'whmapi1',
                `${change}_autossl_user_excluded_domains`,
                `username=${WRITTEN}`,
                `domain=${name}`,
              )
            : await run(
                'uapi',
                `--user=${WRITTEN}`,
                'SSL',
                `${change}_autossl_excluded_domains`,
                `domains=${name}`,
              );
        if (end.exitCode !== 0) return unknown.add(name);
        if (isAdded) excluded.add(name);
        else excluded.delete(name);
        return end;
      },
    ];
    await choices[Math.floor(chance() * choices.length)]?.();
  }

  async function crowd(): Promise<void> {
    const until = Date.now() + CROWDED_MS;
    const worker = async (number: number): Promise<void> => {
      const chance = seededChance(100 + number);
      for (let turn = 0; turn === 0 || Date.now() < until; turn += 1) await act(number, chance, turn);
    };
    const workers = Promise.all([
      ...Array.from({ length: PROCESSES }, (_, number) => worker(number)),
      run('autossl_check', '--all'),
    ]);
    if (areKilled) await killSome(until);
    await workers;
  }

  /** One of those that run, now and then, until the instant. */
  async function killSome(until: number): Promise<void> {
    const chance = seededChance(99);
    while (Date.now() < until) {
      await pause(chance() * 2 * KILLED_EVERY_MS);
      const victim = [...running][Math.floor(chance() * running.size)];
      if (victim === undefined) continue;
      victim.signal('SIGKILL');
      kills += 1;
    }
  }

  test(`all end (seed ${TEST_SEED}), each with a documented code`, () => {
    expect(done.length).toBeGreaterThan(PROCESSES);
    const codes = (of: RegExp) =>
      new Set(done.filter(({ line }) => of.test(line)).map(({ end }) => end.exitCode));
    expect(done.flatMap(({ line, end }) => faultsOfEnd(end).map((fault) => `${line}: ${fault}`))).toEqual([]);
    // One who comes second is told to try again; nobody else is refused anything.
    const others = done.filter(({ end }) => ![0, TRY_AGAIN, areKilled ? null : 0].includes(end.exitCode));
    expect(others.map(({ line, end }) => `${line}: ${end.exitCode} ${end.stdout}${end.stderr}`)).toEqual([]);
    expect([...codes(/^(?:whmapi1|uapi)/)].filter((code) => code !== null)).toEqual([0]);
    const died = done.filter(({ end }) => end.exitCode === null).length;
    expect(died > 0).toBe(areKilled);
    process.stderr.write(`${done.length} programs ended, ${died} of them killed\n`);
  });

  test('make one order for each website, and lose none', async () => {
    const last = await run('autossl_check', '--all');
    expect([last.exitCode, last.stderr]).toEqual([0, '']);
    const names = new Map([...hosted.names].filter(([vhost]) => vhost.endsWith(hosted.suffix)));
    expect(faultsAfterKills(site, { ...hosted, names }, kills)).toEqual([]);
    const { placed, wasted } = accountingOf(site.proxy.requests, hosted.suffix, hosted);
    expect(placed).toHaveLength(WEBSITES + wasted.length);
    process.stderr.write(`${placed.length} orders for ${WEBSITES} websites, ${wasted.length} wasted\n`);
  });

  test('lose nothing that was written', () => {
    expect(flags.size + excluded.size).toBeGreaterThan(0);
    const { metadata } = JSON.parse(readFileSync(hosted.tree.autosslJson(), 'utf8'));
    for (const [key, value] of flags)
      if (!unknown.has(key)) expect([key, String(metadata[key])]).toEqual([key, value]);
    const path = hosted.path(`/var/cpanel/ssl/autossl/excludes/${WRITTEN}.json`);
    const list = JSON.parse(readFileSync(path, 'utf8')) as { readonly excluded_domains: readonly string[] };
    const known = (names: Iterable<string>): string[] =>
      [...names].filter((name) => !unknown.has(name)).sort();
    expect(known(list.excluded_domains)).toEqual(known(excluded));
  });

  test('leave no lock but those of the dead, which anybody may take', () => {
    const left = readdirSync(hosted.tree.locks());
    const held = left.filter((name) => {
      const path = join(hosted.tree.locks(), name);
      return !isLeftBehind(path, readLockState(path));
    });
    expect(areKilled ? held : left).toEqual([]);
  });
}
