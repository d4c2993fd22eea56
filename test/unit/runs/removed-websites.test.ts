import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { InstallError, StateError } from '../../../src/core/domain/autossl-error.js';
import type { AccountInventory } from '../../../src/core/domain/website/website.js';
import type { WebServer } from '../../../src/runs/ports/installation.js';
import { manySites, runCheck } from '../../support/check-run.js';
import { FAKE_NOW, FakeHost } from '../../support/fake-host.js';

const DAY_MS = 86_400_000;
const daysLater = (days: number): string => new Date(Date.parse(FAKE_NOW) + days * DAY_MS).toISOString();
const eventsOf = (host: FakeHost, code: string) => host.logged.filter((event) => event.code === code);
const codes = (host: FakeHost) => host.logged.map(({ code }) => code);

/** bob with a website that is fine, for years. */
function bobAlone(): FakeHost {
  return new FakeHost()
    .account('bob', [['bob.test']])
    .certificate('bob.test', ['bob.test'], { daysLeft: 3000 });
}

/** As `bobAlone`, and what alice left, who is gone. */
function aliceGone(daysLeft = 80): FakeHost {
  return bobAlone().certificate('a.test', ['a.test'], { daysLeft });
}

/** An nginx whose configuration names the files of these websites; null: its configuration cannot be read. */
function serve(host: FakeHost, vhosts: readonly string[] | null, text = ''): void {
  const server = {
    kind: 'nginx',
    describe: () => 'nginx',
    readSites: async () =>
      vhosts === null
        ? { fault: 'line 3' }
        : vhosts.map((vhost) => {
            const file = `/var/cpanel/ssl/apache_tls/${vhost}/combined`;
            return { certificates: [{ certificateFile: file, keyFile: file, isVariable: false }] };
          }),
    readConfiguration: async () => [text],
  };
  Object.assign(host.install, { webServers: () => [server as unknown as WebServer] });
}

describe('a website that no account has any more', () => {
  test('is noted once with the instant, whose it was, and until when its files stay', async () => {
    const host = aliceGone();
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 0, problems: [], faults: [] });
    expect(host.orphans.noted).toEqual([{ vhost: 'a.test', account: 'alice', goneSince: FAKE_NOW }]);
    expect(eventsOf(host, 'WEBSITE_GONE')).toMatchObject([
      { vhost: 'a.test', data: { until: daysLater(30) } },
    ]);
    host.clock.set(daysLater(29));
    serve(host, []);
    await runCheck(host);
    expect(host.orphans.noted).toMatchObject([{ goneSince: FAKE_NOW }]);
    expect(eventsOf(host, 'WEBSITE_GONE')).toHaveLength(1);
    expect(host.orphans.done).toEqual([]);
  });

  test('stays where it is, and is remembered, while no run of late vouches for the clock', async () => {
    const host = aliceGone();
    await runCheck(host);
    serve(host, []);
    host.orphans.isClockSettled = false;
    host.clock.set(daysLater(400));
    await runCheck(host);
    expect(host.orphans.done).toEqual([]);
    expect(host.orphans.noted).toMatchObject([{ vhost: 'a.test', goneSince: FAKE_NOW }]);
    host.orphans.isClockSettled = true;
    await runCheck(host);
    expect(host.orphans.done).toEqual(['archived a.test of alice']);
  });

  test('is archived after 30 days, its locks held, and its served record is forgotten', async () => {
    const host = aliceGone();
    await runCheck(host);
    host.servedRecords.set('a.test', {
      account: 'alice',
      vhost: 'a.test',
      served: { state: 'served' },
    } as never);
    host.clock.set(daysLater(30));
    serve(host, ['bob.test']);
    expect((await runCheck(host)).exitCode).toBe(0);
    expect(host.orphans.done).toEqual(['archived a.test of alice']);
    expect(eventsOf(host, 'WEBSITE_ARCHIVED')).toHaveLength(1);
    expect(host.servedRecords.size).toBe(0);
    expect(host.locks.held).toEqual([]);
    expect(host.present.has('bob.test')).toBe(true);
  });

  test('is kept in mind until all that we issued has expired, then forgotten without a trace', async () => {
    const host = aliceGone(40);
    await runCheck(host);
    serve(host, []);
    host.clock.set(daysLater(31));
    await runCheck(host);
    expect(host.issued.records.has('a.test')).toBe(true);
    host.clock.set(daysLater(41));
    await runCheck(host);
    expect(host.issued.records.has('a.test')).toBe(false);
    expect(host.orphans.noted).toEqual([]);
    expect(eventsOf(host, 'WEBSITE_FORGOTTEN')).toHaveLength(1);
    await runCheck(host);
    expect(eventsOf(host, 'WEBSITE_BACK')).toEqual([]);
  });

  test('stays as long as a server names it, which is said in one line and is no fault', async () => {
    const host = aliceGone();
    await runCheck(host);
    host.clock.set(daysLater(60));
    serve(host, ['a.test', 'bob.test']);
    expect((await runCheck(host)).exitCode).toBe(0);
    expect(host.orphans.done).toEqual([]);
    expect(eventsOf(host, 'WEBSITES_STILL_NAMED')).toMatchObject([{ data: { websites: ['a.test'] } }]);
  });

  test.each<[string, (host: FakeHost) => void, string]>([
    ['by commands alone', () => undefined, 'nobody knows which files the web server names'],
    ['not at all', (host) => Object.assign(host.install, { webServers: () => [] }), 'no web server is known'],
    ['with a configuration that cannot be read', (host) => serve(host, null), 'cannot be read: line 3'],
  ])(
    'stays where the web server is known %s, which is said once a night and is no fault',
    async (_, set, why) => {
      const host = aliceGone();
      await runCheck(host);
      set(host);
      host.clock.set(daysLater(31));
      expect(await runCheck(host)).toMatchObject({ exitCode: 0, faults: [] });
      expect(host.orphans.done).toEqual([]);
      expect(eventsOf(host, 'ORPHANS_KEPT').map(({ contents }) => contents)).toEqual([
        expect.stringContaining(why),
      ]);
    },
  );

  test('that comes back is no longer noted; when it goes again it has its 30 days again', async () => {
    const host = aliceGone();
    await runCheck(host);
    host.clock.set(daysLater(20));
    host.account('alice', [['a.test']]);
    await runCheck(host);
    expect(host.orphans.noted).toEqual([]);
    expect(eventsOf(host, 'WEBSITE_BACK')).toHaveLength(1);
    host.inventories.pop();
    serve(host, []);
    host.clock.set(daysLater(31));
    await runCheck(host);
    expect(host.orphans.noted).toMatchObject([{ goneSince: daysLater(31) }]);
    expect(host.orphans.done).toEqual([]);
  });

  test('is let alone while another process works on it', async () => {
    const host = aliceGone();
    await runCheck(host);
    serve(host, []);
    host.clock.set(daysLater(31));
    host.locks.holdElsewhere('website:a.test', { pid: 4711, startedAt: '', note: '' });
    await runCheck(host);
    expect(host.orphans.done).toEqual([]);
  });

  test('that cannot be archived is a fault of ours and keeps no other from it', async () => {
    const host = aliceGone().certificate('c.test', ['c.test'], { daysLeft: 80 });
    await runCheck(host);
    serve(host, []);
    host.clock.set(daysLater(31));
    host.orphans.troubles.set('a.test', new InstallError('PUBLISH_FAILED', 'the disk is full'));
    expect(await runCheck(host)).toMatchObject({ exitCode: 1, problems: [{ vhost: 'a.test' }] });
    expect(host.orphans.done).toEqual(['archived c.test of alice']);
  });
});

describe('what is nobody’s to tidy', () => {
  const hidden = (
    name: string,
    state: 'suspended' | 'broken',
    domains?: readonly string[],
  ): AccountInventory =>
    state === 'suspended'
      ? { state: 'skipped', account: parseAccountName(name), reason: state, ...(domains && { domains }) }
      : {
          state,
          account: name,
          fault: { code: 'ACCOUNT_FILE_INVALID', path: '/x', vhost: null, message: '/x: broken' },
          ...(domains && { domains }),
        };

  test.each<[string, AccountInventory, boolean]>([
    ['of a suspended account', hidden('alice', 'suspended', ['other.test']), false],
    ['of a broken account', hidden('alice', 'broken'), false],
    [
      'that a suspended account’s file names, whatever our records say',
      hidden('carol', 'suspended', ['a.test']),
      false,
    ],
    ['below a domain of a broken account', hidden('carol', 'broken', ['test']), false],
    ['that may be of an account of which nothing is known', hidden('carol', 'broken'), false],
    ['of nobody, though another account is suspended', hidden('carol', 'suspended', ['carol.test']), true],
  ])('a website %s', async (_, inventory, isNoted) => {
    const host = aliceGone();
    host.inventories.push(inventory);
    await runCheck(host);
    expect(host.orphans.noted.length > 0).toBe(isNoted);
  });

  test('a website that was noted and cannot be told about now stays noted, and is not archived', async () => {
    const host = aliceGone();
    await runCheck(host);
    host.inventories.push(hidden('carol', 'broken'));
    host.clock.set(daysLater(31));
    serve(host, []);
    await runCheck(host);
    expect(host.orphans.noted).toMatchObject([{ goneSince: FAKE_NOW }]);
    expect(host.orphans.done).toEqual([]);
  });

  test('a website whose file cannot be read', async () => {
    const host = aliceGone()
      .account('alice', [['other.test']])
      .certificate('other.test', ['other.test']);
    const ready = host.inventories.at(-1);
    const fault = {
      code: 'WEBSITE_FILE_INVALID',
      path: '/x',
      vhost: 'a.test',
      message: '/x: broken',
    } as const;
    if (ready?.state === 'ready') host.inventories[1] = { ...ready, faults: [fault] };
    await runCheck(host);
    expect(host.orphans.noted).toEqual([]);
  });

  test('a folder of which we have no record: somebody else made it', async () => {
    const host = bobAlone().certificate('theirs.test', ['theirs.test'], { isOurs: false });
    await runCheck(host);
    expect(host.orphans.noted).toEqual([]);
  });

  test('the run of one user', async () => {
    const host = aliceGone();
    await runCheck(host, { user: 'bob' });
    expect(host.orphans.noted).toEqual([]);
  });

  test('more websites at once than leave in a night: nothing is noted, unless a person says so', async () => {
    const host = bobAlone();
    for (const [name = ''] of manySites(30)) host.certificate(name, [name]);
    expect((await runCheck(host)).exitCode).toBe(0);
    expect(host.orphans.noted).toEqual([]);
    expect(eventsOf(host, 'MANY_WEBSITES_GONE')).toMatchObject([
      { type: 'warn', data: { newlyGone: 30, limit: 20 } },
    ]);
    await runCheck(host, { yesReally: true });
    expect(host.orphans.noted).toHaveLength(30);
  });

  test('an account list that is empty for a night: what was due is not archived then', async () => {
    const host = bobAlone().certificate('a.test', ['a.test']);
    for (const [name = ''] of manySites(30)) host.certificate(name, [name]);
    host.account('carol', manySites(30));
    await runCheck(host);
    expect(host.orphans.noted).toHaveLength(1);
    host.inventories.length = 0;
    host.clock.set(daysLater(31));
    serve(host, []);
    await runCheck(host);
    expect(host.orphans.done).toEqual([]);
  });

  test('notes that are damaged are made anew; a disk that cannot be listed is a fault, and nothing is done', async () => {
    const host = aliceGone();
    host.orphans.notes.read = () => {
      throw new StateError('CORRUPT_RECORD', 'orphans.json cannot be used');
    };
    expect((await runCheck(host)).exitCode).toBe(0);
    expect(codes(host)).toContain('ORPHAN_NOTES_DAMAGED');
    expect(host.orphans.noted).toHaveLength(1);
    host.orphans.notes.listOnDisk = () => {
      throw new StateError('TREE_UNREADABLE', 'cannot list it');
    };
    expect(await runCheck(host)).toMatchObject({ exitCode: 1, faults: [{ code: 'TIDYING_FAILED' }] });
  });
});

describe('what names and accounts leave', () => {
  test('problems of an account that is gone are removed; those of a broken one stay', async () => {
    const host = bobAlone();
    const problem = { domain: 'x.test', vhost: 'x.test' } as never;
    for (const account of ['alice', 'carol']) host.problems.records.set(account, [problem]);
    host.inventories.push({
      state: 'broken',
      account: 'carol',
      fault: { code: 'ACCOUNT_FILE_INVALID', path: '/x', vhost: null, message: '/x: broken' },
    });
    await runCheck(host);
    expect([...host.problems.records.keys()]).toEqual(['carol']);
  });

  test('retry memories of names that nobody wants are forgotten after 30 days without an attempt', async () => {
    const host = bobAlone();
    for (const name of ['bob.test', 'old.test', 'late.test']) host.names.records.set(name, { name } as never);
    host.orphans.remembered.set('late.test', new Date(Date.parse(FAKE_NOW) - 29 * DAY_MS));
    await runCheck(host);
    expect([...host.names.records.keys()]).toEqual(['bob.test', 'late.test']);
  });

  describe('the copy under an alias that left its website’s certificate', () => {
    /** bob's certificate of 40 days ago had the alias; that of `renewed` days ago has not. */
    function aliasLeft(renewed: number, names: readonly string[] = ['bob.test']): FakeHost {
      const host = new FakeHost().account('bob', [['bob.test']]);
      const issue = (daysAgo: number, fingerprint: string, all: readonly string[]) => {
        const issuedAt = new Date(Date.parse(FAKE_NOW) - daysAgo * DAY_MS);
        host.certificate('bob.test', all, { fingerprint, notBefore: issuedAt, daysLeft: 3000 });
      };
      issue(40, 'old', ['bob.test', 'alias.test']);
      issue(renewed, 'new', names);
      host.orphans.copies.set('alias.test', {
        name: 'alias.test',
        fingerprint: 'old',
        certified: ['bob.test', 'alias.test'],
        writtenAt: new Date(Date.parse(FAKE_NOW) - 40 * DAY_MS),
      });
      return host;
    }

    test.each<[string, () => FakeHost, readonly string[]]>([
      ['is removed 30 days later', () => aliasLeft(31), ['removed the copy alias.test of bob.test']],
      ['stays for 30 days', () => aliasLeft(29), []],
      ['stays while the newer certificate has the name', () => aliasLeft(31, ['bob.test', 'alias.test']), []],
      [
        'stays while an account wants the name',
        () =>
          aliasLeft(31)
            .account('carol', [['alias.test']])
            .certificate('alias.test', ['alias.test']),
        [],
      ],
    ])('%s', async (_, make, done) => {
      const host = make();
      serve(host, ['bob.test']);
      await runCheck(host);
      expect(host.orphans.done).toEqual(done);
    });

    test('stays while a server names it', async () => {
      const host = aliasLeft(31);
      serve(host, [], 'ssl_certificate /var/cpanel/ssl/domain_tls/alias.test/combined;');
      await runCheck(host);
      expect(host.orphans.done).toEqual([]);
    });
  });
});
