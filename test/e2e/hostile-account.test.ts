import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProgramResult } from '../demo/program.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, PEBBLE_TERMS, startCaSite } from '../support/ca-site.js';
import { ACCOUNT_UID } from '../support/challenge-tree.js';
import { listTree } from '../support/file-tree.js';
import { everythingBelow } from '../support/folder-listing.js';
import type { ChallengeMethod } from '../support/hosted-websites.js';
import { startReading, startSwapping } from '../support/hostile-account.js';
import { faultsOf } from '../support/installed-set.js';
import { leftoversIn } from '../support/leftovers.js';
import { describeWithParts } from '../support/needs.js';
import type { AccountSpec } from '../support/tree-builder.js';

/** What an account does with its own files before the run, as itself; `victims` are folders that it wants changed. */
interface Trap {
  readonly lay: (home: string, victims: Victims) => void;
  /** What is said of it where challenges are written to its document root; null = it is served all the same. */
  readonly why: RegExp | null;
}

interface Victims {
  /** Root's. */
  readonly system: string;
  /** Anybody may write there. */
  readonly everybody: string;
  /** As the one before, and not in the tree. */
  readonly outside: string;
}

const insteadOfRoot = (make: (path: string) => void) => (home: string) => {
  rmSync(join(home, 'public_html'), { recursive: true });
  make(join(home, 'public_html'));
};
const inRoot = (relative: string, make: (path: string) => void) => (home: string) => {
  const path = join(home, 'public_html', relative);
  mkdirSync(dirname(path), { recursive: true });
  make(path);
};
const makeFifo = (path: string): unknown => execFileSync('mkfifo', [path]);
const WELL_KNOWN = '.well-known';
const CHALLENGES = '.well-known/acme-challenge';

const TRAPS: Readonly<Record<string, Trap>> = {
  rootlinksys: {
    lay: (home, { system }) => insteadOfRoot((path) => symlinkSync(system, path))(home),
    why: /leaves the home/,
  },
  rootlinkall: {
    lay: (home, { everybody }) => insteadOfRoot((path) => symlinkSync(everybody, path))(home),
    why: /leaves the home/,
  },
  rootlinkout: {
    lay: (home, { outside }) => insteadOfRoot((path) => symlinkSync(outside, path))(home),
    why: /leaves the tree/,
  },
  rootfifo: { lay: insteadOfRoot(makeFifo), why: /is not a folder/ },
  rootfile: { lay: insteadOfRoot((path) => writeFileSync(path, '')), why: /is not a folder/ },
  rootgone: { lay: (home) => rmSync(join(home, 'public_html'), { recursive: true }), why: /does not exist/ },
  rootshut: { lay: (home) => chmodSync(join(home, 'public_html'), 0), why: /may not be used/ },
  rootreadonly: { lay: (home) => chmodSync(join(home, 'public_html'), 0o555), why: /may not be used/ },
  homeshut: { lay: (home) => chmodSync(home, 0), why: /may not be used/ },
  wklinkall: {
    lay: (home, { everybody }) => inRoot(WELL_KNOWN, (path) => symlinkSync(everybody, path))(home),
    why: /is not a folder/,
  },
  wklinknew: {
    lay: (home, { everybody }) => inRoot(WELL_KNOWN, (path) => symlinkSync(`${everybody}/new`, path))(home),
    why: /is not a folder/,
  },
  wkfifo: { lay: inRoot(WELL_KNOWN, makeFifo), why: /is not a folder/ },
  wkfile: { lay: inRoot(WELL_KNOWN, (path) => writeFileSync(path, '')), why: /is not a folder/ },
  chlinkall: {
    lay: (home, { everybody }) => inRoot(CHALLENGES, (path) => symlinkSync(everybody, path))(home),
    why: /is not a folder/,
  },
  chlinkout: {
    lay: (home, { outside }) => inRoot(CHALLENGES, (path) => symlinkSync(outside, path))(home),
    why: /is not a folder/,
  },
  chfifo: { lay: inRoot(CHALLENGES, makeFifo), why: /is not a folder/ },
  chshut: {
    lay: inRoot(CHALLENGES, (path) => mkdirSync(path, 0o000)),
    why: /may not be used|may not be changed/,
  },
  chdeep: {
    lay: inRoot(`${CHALLENGES}/a/b/c`, (path) => mkdirSync(path, { recursive: true })),
    why: null,
  },
};
const HONEST = ['alice', 'bob', 'zoe'];
const KEY = { keyType: 'ecdsa-prime256v1' };
const FIRST_UID = 30_001;

describeWithParts('hostile accounts among honest ones', ['pebble', 'openssl', 'root'], () => {
  let site: CaSite;
  let outside: string;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
    outside = mkdtempSync(join(tmpdir(), 'autossl-outside-'));
    chmodSync(outside, 0o777);
  });
  afterAll(async () => {
    await site?.stop();
    rmSync(outside, { recursive: true, force: true });
  });

  interface Server {
    readonly hosted: HostedTree;
    readonly victims: Victims;
    readonly homeOf: (account: string) => string;
    /** Everything that is nobody's to change but ours and, in their homes, the hostile accounts'. */
    readonly untouched: () => readonly string[];
    readonly check: () => Promise<ProgramResult>;
  }

  async function aServer(name: string, method: ChallengeMethod, hostile: readonly string[]): Promise<Server> {
    const accounts: Record<string, AccountSpec> = {};
    for (const account of HONEST) accounts[account] = { domain: `${account}.${name}.test`, ...KEY };
    for (const [index, account] of hostile.entries()) {
      const uid = account === 'racer' ? ACCOUNT_UID : FIRST_UID + index;
      accounts[account] = { domain: `${account}.${name}.test`, uid, ...KEY };
    }
    const hosted = await site.host(accounts, {
      settings: {
        challenges: { method },
        providers: { CustomACME: { caBundle: '/etc/ssl/ca-transport.pem' } },
      },
      furnish: (builder) =>
        builder.file('/etc/victim/precious', 'precious\n').autosslJson({
          provider: 'CustomACME',
          provider_properties: {
            CustomACME: { terms_of_service_accepted: PEBBLE_TERMS, directory_url: site.proxy.directoryUrl },
          },
        }),
    });
    const homeOf = (account: string): string => hosted.path(`/home/${account}`);
    for (const [vhost, names] of hosted.names) {
      // The web server has the alias for challenges, or serves document roots, following every link.
      const account = vhost.split('.')[0] ?? '';
      const documentRoot = method === 'shared-folder' ? null : `/home/${account}/public_html`;
      for (const host of names) site.web.websites.set(host, { vhost, documentRoot });
    }
    const everybody = hosted.path('/var/tmp/everybody');
    mkdirSync(everybody, { recursive: true });
    for (const folder of [hosted.path('/var/tmp'), everybody])
      chmodSync(folder, folder === everybody ? 0o777 : 0o755);
    const isOurs = /^(?:var\/cpanel\/(?:ssl|logs|acme-challenge|\.autossl_state)|var\/cpanel )/;
    const isTheirs = new RegExp(`^home/(?:${hostile.join('|') || '-'})[/ ]`);
    return {
      hosted,
      victims: { system: hosted.path('/etc/victim'), everybody, outside },
      homeOf,
      untouched: () => [
        ...listTree(hosted.root).filter((line) => !isOurs.test(line) && !isTheirs.test(line)),
        ...listTree(outside),
      ],
      check: () => hosted.run('autossl_check', '--all', '--json'),
    };
  }

  /** Makes the trap's files, which then belong to the account. */
  function layTrap({ victims, homeOf }: Server, account: string): void {
    TRAPS[account]?.lay(homeOf(account), victims);
    const uid = FIRST_UID + Object.keys(TRAPS).indexOf(account);
    execFileSync('chown', ['-hR', `${uid}:${uid}`, homeOf(account)]);
  }

  function faultsOfHonest({ hosted }: Server): string[] {
    return [...hosted.names]
      .filter(([vhost]) => HONEST.includes(vhost.split('.')[0] ?? ''))
      .flatMap(([vhost, names]) => faultsOf(hosted, vhost, names, hosted.path('/etc/ssl/roots.pem')));
  }

  /** Files with a private key that anybody but root may read. */
  function openKeys({ hosted }: Server): string[] {
    return everythingBelow(hosted.root)
      .map((path) => join(hosted.root, path))
      .filter((path) => {
        const facts = lstatSync(path);
        const isOpen = facts.uid !== 0 || (facts.mode & 0o077) !== 0;
        return facts.isFile() && isOpen && readFileSync(path, 'utf8').includes('PRIVATE KEY');
      });
  }

  describe.each<ChallengeMethod>(['shared-folder', 'account-folder'])(
    'with challenges in the %s',
    (method) => {
      test('traps laid beforehand cost their owners a line, and nobody anything else', async () => {
        const server = await aServer(`traps-${method}`, method, Object.keys(TRAPS));
        for (const account of Object.keys(TRAPS)) layTrap(server, account);
        const before = server.untouched();
        const ended = await server.check();
        expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
        const report = JSON.parse(ended.stdout) as {
          problems: { account: string; code: string; fault: string; message: string }[];
        };
        expect(server.untouched()).toEqual(before);
        expect(faultsOfHonest(server)).toEqual([]);
        expect(openKeys(server)).toEqual([]);
        // The journal of placements remembers what the helper could not look for again, until the next run.
        const isKnown = /^home\/|\/placed\//;
        expect(leftoversIn(server.hosted).filter((path) => !isKnown.test(path))).toEqual([]);
        for (const [account, { why }] of Object.entries(TRAPS)) {
          const problems = report.problems.filter((problem) => problem.account === account);
          if (why === null || method === 'shared-folder') {
            expect([account, problems]).toEqual([account, []]);
          } else {
            expect(problems.map(({ fault }) => fault)).toEqual(problems.map(() => 'owner'));
            const placed = problems.find(({ code }) => code === 'CHALLENGE_NOT_PLACED');
            expect([account, placed?.message]).toEqual([account, expect.stringMatching(why)]);
          }
        }
      });

      const races: readonly (readonly [string, string, keyof Victims])[] = [
        ['the challenge folder', 'public_html/.well-known/acme-challenge', 'everybody'],
        ['the document root', 'public_html', 'everybody'],
        ['.well-known', 'public_html/.well-known', 'outside'],
        ['the document root', 'public_html', 'system'],
      ];
      // The shared folder is reached by no path of the account's: one race shows it.
      const some = process.env['LONG'] === '1' ? races.length : method === 'shared-folder' ? 1 : 2;
      test.each(races.slice(0, some))(
        '%s (%s) swapped in a loop with a link to %s changes nothing there',
        async (_what, relative, target) => {
          const server = await aServer(`race${relative.length}${target}${method.length}`, method, ['racer']);
          const place = join(server.homeOf('racer'), relative);
          mkdirSync(dirname(place), { recursive: true });
          execFileSync('chown', ['-hR', `${ACCOUNT_UID}:${ACCOUNT_UID}`, server.homeOf('racer')]);
          const before = server.untouched();
          const keys = [...server.hosted.names].flatMap(([vhost, names]) => [
            server.hosted.path(`/var/cpanel/ssl/apache_tls/${vhost}/combined`),
            ...names.map((name) => server.hosted.path(`/var/cpanel/ssl/domain_tls/${name}/combined`)),
          ]);
          const reader = await startReading(keys);
          const swapper = await startSwapping(place, server.victims[target]);
          const ends = [await server.check()];
          for (let run = 0; run < 2; run += 1)
            ends.push(await server.hosted.run('autossl_check', '--user', 'racer'));
          await swapper.stop();
          expect(await reader.stop()).toEqual([]);
          expect(
            ends.map(({ exitCode, stdout, stderr }) => [exitCode, stderr, exitCode === 0 ? '' : stdout]),
          ).toEqual(ends.map(() => [0, '', '']));
          expect(server.untouched()).toEqual(before);
          expect(faultsOfHonest(server)).toEqual([]);
          expect(openKeys(server)).toEqual([]);
        },
      );
    },
  );
});
