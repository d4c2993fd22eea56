import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cronFile, maintenanceHook, nightlyTimeFrom } from '../../../src/core/plan/setup/setup-files.js';
import {
  digestOf,
  type FoundThing,
  type MadeThing,
  markOfItem,
  planSetUp,
  planUndo,
  setupItems,
} from '../../../src/core/plan/setup/setup-steps.js';

const NIGHTLY = { hour: 2, minute: 17 };
const installed = (programs: readonly string[], root: string | null = null) => ({
  node: '/usr/bin/node',
  programs: new Map(programs.map((name) => [name, `/opt/autossl/bin/${name}`])),
  root,
});
const PLACES = {
  cronFile: '/etc/cron.d/cpanel_autossl',
  maintenanceHook: '/etc/autossl/maintenance-hook',
  programLinks: '/usr/local/cpanel/bin',
  scriptLinks: '/usr/local/cpanel/scripts',
  sudoers: '/etc/sudoers.d/autossl',
};

describe('the nightly time', () => {
  test('lies between 21:00 and 06:00 and never at a full hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (random) => {
        const { hour, minute } = nightlyTimeFrom(random);
        expect(hour >= 21 ? hour <= 23 : hour >= 0 && hour <= 5).toBe(true);
        expect(minute).toBeGreaterThanOrEqual(1);
        expect(minute).toBeLessThanOrEqual(59);
      }),
    );
  });
  test('every minute of the night is drawn', () => {
    const drawn = new Set(
      Array.from({ length: 531 }, (_, random) => JSON.stringify(nightlyTimeFrom(random))),
    );
    expect(drawn.size).toBe(531);
  });
});

describe('the cron file', () => {
  test('has absolute paths, a PATH, and one line that tells of failures', () => {
    expect(
      cronFile(installed(['autossl_check']), NIGHTLY),
    ).toBe(`# Written by "autossl setup --cron", which keeps it up to date; "autossl setup --undo" takes it away.
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
17 2 * * * root /usr/bin/node /opt/autossl/bin/autossl_check --all >/dev/null || echo "autossl_check ended with status $?: see the newest log in /var/cpanel/logs/autossl"
`);
  });
  test('polls every 5 minutes once this installation has the poller', () => {
    expect(cronFile(installed(['autossl_check', 'autossl_check_queue']), NIGHTLY)).toContain(
      '\n*/5 * * * * root /usr/bin/node /opt/autossl/bin/autossl_check_queue >/dev/null\n',
    );
  });
  test('looks after the server’s own services every night, once this installation has that program', () => {
    expect(cronFile(installed(['autossl_check', 'checkallsslcerts']), NIGHTLY)).toContain(
      '\n17 2 * * * root /usr/bin/node /opt/autossl/bin/checkallsslcerts --allow-retry >/dev/null\n17 2 ',
    );
  });
  test('names a private tree', () => {
    expect(cronFile(installed(['autossl_check'], '/srv/tree'), NIGHTLY)).toContain(
      '\nAUTOSSL_ROOT="/srv/tree"\n',
    );
  });
  test('quotes what a shell or cron would take for something else', () => {
    const places = {
      node: "/opt/it's 100%/node",
      programs: new Map([['autossl_check', '/a/b']]),
      root: null,
    };
    expect(cronFile(places, NIGHTLY)).toContain(`root '/opt/it'\\''s 100\\%/node' /a/b --all`);
  });
  test('is none without the program', () => {
    expect(cronFile(installed([]), NIGHTLY)).toBeNull();
    expect(maintenanceHook(installed([]))).toBeNull();
  });
});

test('the maintenance hook checks services first, once this installation has that program', () => {
  const hook = maintenanceHook(installed(['autossl_check', 'checkallsslcerts'])) ?? '';
  expect(hook.split('\n').slice(2, 5)).toEqual([
    'status=0',
    '/usr/bin/node /opt/autossl/bin/checkallsslcerts --allow-retry || status=$?',
    '/usr/bin/node /opt/autossl/bin/autossl_check --all || status=$?',
  ]);
});

const ALL = ['autossl_check', 'autossl_check_queue', 'checkallsslcerts', 'try-later', 'uapi', 'whmapi1'];

test('callers of the documented paths find every program that is there', () => {
  const links = setupItems(['cpanel-paths'], PLACES, installed(ALL), NIGHTLY);
  expect(links.map(({ path, thing }) => [path, thing.kind === 'link' && thing.target])).toEqual([
    ['/usr/local/cpanel/bin/autossl_check', '/opt/autossl/bin/autossl_check'],
    ['/usr/local/cpanel/bin/autossl_check_cpstore_queue', '/opt/autossl/bin/autossl_check_queue'],
    ['/usr/local/cpanel/bin/checkallsslcerts', '/opt/autossl/bin/checkallsslcerts'],
    ['/usr/local/cpanel/bin/whmapi1', '/opt/autossl/bin/whmapi1'],
    ['/usr/local/cpanel/bin/uapi', '/opt/autossl/bin/uapi'],
    ['/usr/local/cpanel/scripts/try-later', '/opt/autossl/bin/try-later'],
  ]);
});

const [CRON] = setupItems(['cron'], PLACES, installed(['autossl_check']), NIGHTLY);
const WANTED = CRON?.thing.kind === 'file' ? CRON.thing.contents : '';
const file = (contents: string): FoundThing => ({ state: 'file', digest: digestOf(contents) });
const made = (...contents: string[]): readonly MadeThing[] => [
  {
    part: 'cron',
    path: PLACES.cronFile,
    kind: 'file',
    marks: contents.map((one) => `sha256:${digestOf(one)}`),
  },
];

describe('a place where', () => {
  test.each<[string, FoundThing, readonly MadeThing[], string]>([
    ['nothing lies is filled', { state: 'absent' }, [], 'make'],
    ['what we made is gone is filled again', { state: 'absent' }, made('old'), 'make'],
    ['ours lies as it should is kept', file(WANTED), made(WANTED), 'keep'],
    ['an older one of ours lies gets the new one', file('old'), made('old'), 'replace'],
    ['a crash came between journal and file gets the new one', file('old'), made(WANTED, 'old'), 'replace'],
    ['somebody’s file lies is refused', file('other'), [], 'refuse'],
    ['somebody’s link lies is refused', { state: 'link', target: '/else' }, [], 'refuse'],
    ['a folder lies is refused', { state: 'folder' }, [], 'refuse'],
    ['a device lies is refused', { state: 'other' }, [], 'refuse'],
    ['ours was changed by hand is left', file('changed'), made(WANTED), 'leave'],
    ['ours was made a link is left', { state: 'link', target: '/else' }, made(WANTED), 'leave'],
  ])('%s', (_, found, journal, action) => {
    const steps = planSetUp(['cron'], CRON === undefined ? [] : [CRON], journal, () => found);
    expect(steps.map((step) => step.action)).toEqual([action]);
  });
});

describe('undoing', () => {
  test.each<[string, FoundThing, string]>([
    ['removes what setup made', file(WANTED), 'remove'],
    ['forgets what is gone', { state: 'absent' }, 'forget'],
    ['leaves what was changed by hand', file('changed'), 'leave'],
    ['leaves what was made something else', { state: 'folder' }, 'leave'],
  ])('%s', (_, found, action) => {
    expect(planUndo(['cron'], made(WANTED), () => found).map((step) => step.action)).toEqual([action]);
  });

  test('takes folders last, the deepest first, and leaves the other part', () => {
    const folder = (path: string): MadeThing => ({ part: 'cron', path, kind: 'folder', marks: [] });
    const link: MadeThing = { part: 'cpanel-paths', path: '/l', kind: 'link', marks: ['link:/x'] };
    const journal = [folder('/a'), folder('/a/b'), ...made(WANTED), link];
    const found = (path: string): FoundThing => (path.startsWith('/a') ? { state: 'folder' } : file(WANTED));
    expect(planUndo(['cron'], journal, found).map(({ path }) => path)).toEqual([
      PLACES.cronFile,
      '/a/b',
      '/a',
    ]);
  });
});

test('what nobody wants any more is removed, if it is still as it was made', () => {
  const link: MadeThing = { part: 'cpanel-paths', path: '/l', kind: 'link', marks: ['link:/gone'] };
  const plan = (found: FoundThing) => planSetUp(['cpanel-paths'], [], [link], () => found)[0]?.action;
  expect(plan({ state: 'link', target: '/gone' })).toBe('remove');
  expect(plan({ state: 'link', target: '/else' })).toBe('leave');
});

test('files and links never have the same mark', () => {
  const link = setupItems(['cpanel-paths'], PLACES, installed(['uapi']), NIGHTLY)[0];
  expect(CRON && markOfItem(CRON)).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(link && markOfItem(link)).toBe('link:/opt/autossl/bin/uapi');
});
