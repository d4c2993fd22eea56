import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AccountFolderSolver } from '../../../src/adapters/solvers/account-folder.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import { ACCOUNT_UID, ChallengeTree, CLOCK, isRoot } from '../../support/challenge-tree.js';
import { listTree } from '../../support/file-tree.js';
import { startSwapping } from '../../support/hostile-account.js';

const NAME = parseDomainName('shop.test');
const TOKEN = 'autossl-preflight-abc_DEF-123';
const asRoot = isRoot ? test : test.skip;

let place: ChallengeTree;
let solver: AccountFolderSolver;
/** A folder of the system's that the account must never reach; the account may write to the second one. */
let system: string;
let writable: string;
beforeEach(() => {
  place = new ChallengeTree();
  solver = newSolver();
  system = place.makeFolder('/etc/system', process.getuid?.());
  writeFileSync(join(system, 'precious'), 'precious');
  writable = place.makeFolder('/var/tmp/everybody', process.getuid?.());
  chmodSync(writable, 0o1777);
});
afterEach(async () => {
  await solver.close();
  place.remove();
});

/** Until at least one challenge was placed between two swaps, in ms. */
const LONGEST_RACE_MS = 120_000;
const newSolver = (timeoutMs = 10_000) =>
  new AccountFolderSolver(place.tree, CLOCK, { homeDirectoryOf: async () => null, timeoutMs });
const challenge = (token = TOKEN, documentRoot?: string, account?: string) => ({
  website: place.website(documentRoot, account),
  name: NAME,
  token,
  content: `${token}.thumbprint`,
});
const removed = (token = TOKEN, documentRoot = '/home/shop/public_html', account = 'shop') => ({
  name: NAME,
  token,
  documentRoot,
  account,
});
const challenges = () => join(place.documentRoot, '.well-known/acme-challenge');
/** Done as the account, so that owner and rights are what a customer can have. */
const own = (path: string) => {
  if (isRoot) execFileSync('chown', ['-h', `${ACCOUNT_UID}:${ACCOUNT_UID}`, path]);
};

describe('a challenge in the document root', () => {
  test('is written as the account, readable for the web server, and leaves nothing behind', async () => {
    expect(await solver.present(challenge())).toEqual({ ok: true });
    const file = join(challenges(), TOKEN);
    expect(readFileSync(file, 'utf8')).toBe(`${TOKEN}.thumbprint`);
    const { uid, gid, mode } = lstatSync(file);
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({
      uid: isRoot ? ACCOUNT_UID : process.getuid?.(),
      gid: isRoot ? ACCOUNT_UID : process.getgid?.(),
      mode: 0o644,
    });
    expect(lstatSync(challenges()).mode & 0o7777).toBe(0o755);
    await solver.cleanUp(removed());
    expect(readdirSync(place.documentRoot)).toEqual([]);
    expect(readdirSync(place.tree.placed())).toEqual([]);
  });

  test('stays beside others, and folders with something in them stay', async () => {
    mkdirSync(join(place.documentRoot, '.well-known'));
    own(join(place.documentRoot, '.well-known'));
    await Promise.all([solver.present(challenge('one')), solver.present(challenge('two'))]);
    await solver.cleanUp(removed('one'));
    expect(readdirSync(challenges())).toEqual(['two']);
    await solver.cleanUp(removed('two'));
    expect(readdirSync(place.documentRoot)).toEqual(['.well-known']);
  });

  test('may be presented again by the run that resumes, and cleaned up again', async () => {
    await solver.present(challenge());
    const resumed = newSolver();
    expect(await resumed.present({ ...challenge(), content: `${TOKEN}.other` })).toEqual({ ok: true });
    expect(readFileSync(join(challenges(), TOKEN), 'utf8')).toBe(`${TOKEN}.other`);
    await resumed.close();
    const third = newSolver();
    await third.cleanUp(removed());
    await third.cleanUp(removed());
    expect(readdirSync(place.documentRoot)).toEqual([]);
    await third.close();
  });

  test('and its folders go too when the run that resumes placed it again', async () => {
    await solver.present(challenge());
    const resumed = newSolver();
    await resumed.present(challenge());
    await resumed.cleanUp(removed());
    expect(readdirSync(place.documentRoot)).toEqual([]);
    await resumed.close();
  });

  test('stays when the run ends in peace, for a CA that has yet to fetch it', async () => {
    await solver.present(challenge());
    await solver.close();
    expect(readdirSync(challenges())).toEqual([TOKEN]);
  });

  test.each(['', '..', 'a/b', 'a\nb', 'a\0b', 'x'.repeat(129), 'ü', '.hidden', '__proto__'])(
    'a token %j names a file only if it is base64url',
    async (token) => {
      const answer = await solver.present(challenge(token));
      expect(answer.ok).toBe(token === '__proto__');
      await solver.cleanUp(removed(token));
    },
  );
});

describe('what an honest account may have', () => {
  test('a document root that is a link to another folder of the home', async () => {
    rmdirSync(place.documentRoot);
    place.makeFolder('/home/shop/app/public');
    symlinkSync('app/public', place.documentRoot);
    own(place.documentRoot);
    expect(await solver.present(challenge())).toEqual({ ok: true });
    expect(existsSync(join(place.home, 'app/public/.well-known/acme-challenge', TOKEN))).toBe(true);
    await solver.cleanUp(removed());
    expect(readdirSync(join(place.home, 'app/public'))).toEqual([]);
  });
  asRoot('a document root of the account’s outside its home', async () => {
    const outside = place.makeFolder('/var/www/shop');
    expect(await solver.present(challenge(TOKEN, '/var/www/shop'))).toEqual({ ok: true });
    await solver.cleanUp(removed(TOKEN, '/var/www/shop'));
    expect(readdirSync(outside)).toEqual([]);
  });
  asRoot('root may link homes to another disk', async () => {
    place.makeFolder('/disk2/shop/public_html');
    chownSync(join(place.folder, 'disk2/shop'), ACCOUNT_UID, ACCOUNT_UID);
    symlinkSync('/disk2/shop', join(place.folder, 'home/moved'));
    symlinkSync(join(place.folder, 'disk2/shop'), join(place.folder, 'home/moved2'));
    place.writePasswd(`shop:x:${ACCOUNT_UID}:${ACCOUNT_UID}::/home/moved2:/bin/false\n`);
    expect(await solver.present(challenge(TOKEN, '/home/moved2/public_html'))).toEqual({ ok: true });
    // Without the tree's root in front it leads out of the tree.
    expect(await solver.present(challenge(TOKEN, '/home/moved/public_html'))).toMatchObject({ ok: false });
  });
});

describe('a hostile account gets a reason and nothing else', () => {
  interface Trap {
    readonly lay: () => void;
    readonly documentRoot?: string;
    readonly why: RegExp;
    /** Where root alone can mend it. */
    readonly isOurs?: true;
  }
  const replaceRoot = (make: (path: string) => void) => () => {
    rmdirSync(place.documentRoot);
    make(place.documentRoot);
    own(place.documentRoot);
  };
  const inPlaceOf = (relative: string, make: (path: string) => void) => () => {
    const path = join(place.documentRoot, relative);
    for (const folder of [dirname(dirname(path)), dirname(path)]) {
      if (!folder.startsWith(place.documentRoot) || existsSync(folder)) continue;
      mkdirSync(folder);
      own(folder);
    }
    make(path);
    own(path);
  };
  const fifo = (path: string) => execFileSync('mkfifo', [path]);
  const linkTo = (target: () => string) => (path: string) => symlinkSync(target(), path);
  const file = `.well-known/acme-challenge/${TOKEN}`;

  const traps: [string, Trap][] = [
    [
      'the document root is a link to a system folder',
      { lay: replaceRoot(linkTo(() => system)), why: /link that leaves the home/ },
    ],
    [
      'the document root is a link to a folder for everybody',
      { lay: replaceRoot(linkTo(() => writable)), why: /link that leaves the home/ },
    ],
    [
      'the document root is a link out of the tree',
      { lay: replaceRoot(linkTo(() => '/tmp')), why: /leaves the tree/ },
    ],
    [
      'the document root climbs out by a relative link',
      { lay: replaceRoot(linkTo(() => '../../../var/tmp/everybody')), why: /link that leaves/ },
    ],
    [
      'the document root is a dangling link',
      { lay: replaceRoot(linkTo(() => 'gone')), why: /does not exist/ },
    ],
    [
      'the document root is a link to itself',
      { lay: replaceRoot(linkTo(() => 'public_html')), why: /one link too many/ },
    ],
    [
      'the document root is a file',
      { lay: replaceRoot((path) => writeFileSync(path, '')), why: /not a folder/ },
    ],
    ['the document root is a FIFO', { lay: replaceRoot(fifo), why: /not a folder/ }],
    ['the document root is missing', { lay: () => rmdirSync(place.documentRoot), why: /does not exist/ }],
    [
      'the document root is full of ../',
      {
        lay: () => undefined,
        documentRoot: '/home/shop/public_html/../../../etc/system',
        why: /neither lies in the home folder/,
        isOurs: true,
      },
    ],
    [
      'the document root is for everybody',
      {
        lay: () => undefined,
        documentRoot: '/var/tmp/everybody',
        why: /neither lies in the home folder/,
        isOurs: true,
      },
    ],
    [
      'the document root holds a NUL',
      { lay: () => undefined, documentRoot: '/home/shop/a\0b', why: /no usable path/, isOurs: true },
    ],
    [
      'the document root is endless',
      {
        lay: () => undefined,
        documentRoot: `/home/shop/${'x/'.repeat(3000)}`,
        why: /no usable path/,
        isOurs: true,
      },
    ],
    [
      'the document root has a newline and a missing end',
      { lay: () => undefined, documentRoot: '/home/shop/a\n{"op":"leave"}', why: /does not exist/ },
    ],
    [
      '.well-known is a link to a folder for everybody',
      {
        lay: inPlaceOf(
          '.well-known',
          linkTo(() => writable),
        ),
        why: /\.well-known is not a folder/,
      },
    ],
    [
      '.well-known is a dangling link to there',
      {
        lay: inPlaceOf(
          '.well-known',
          linkTo(() => join(writable, 'new')),
        ),
        why: /\.well-known is not a folder/,
      },
    ],
    ['.well-known is a FIFO', { lay: inPlaceOf('.well-known', fifo), why: /\.well-known is not a folder/ }],
    [
      '.well-known is a file',
      {
        lay: inPlaceOf('.well-known', (path) => writeFileSync(path, '')),
        why: /\.well-known is not a folder/,
      },
    ],
    [
      'acme-challenge is a link to a folder for everybody',
      {
        lay: inPlaceOf(
          '.well-known/acme-challenge',
          linkTo(() => writable),
        ),
        why: /acme-challenge is not a folder/,
      },
    ],
    [
      'acme-challenge is a FIFO',
      { lay: inPlaceOf('.well-known/acme-challenge', fifo), why: /acme-challenge is not a folder/ },
    ],
    [
      'the file is a link to a system file',
      {
        lay: inPlaceOf(
          file,
          linkTo(() => join(system, 'precious')),
        ),
        why: /is there already/,
      },
    ],
    [
      'the file is a dangling link',
      {
        lay: inPlaceOf(
          file,
          linkTo(() => join(writable, 'new')),
        ),
        why: /is there already/,
      },
    ],
    ['the file is a FIFO', { lay: inPlaceOf(file, fifo), why: /is there already/ }],
    ['the file is a folder', { lay: inPlaceOf(file, (path) => mkdirSync(path)), why: /is there already/ }],
    [
      'the file is another file of the customer',
      { lay: inPlaceOf(file, (path) => writeFileSync(path, 'mine')), why: /is there already/ },
    ],
  ];

  test.each(traps)('%s', async (_case, { lay, documentRoot, why, isOurs: isOursToMend }) => {
    lay();
    const before = listTree(place.folder);
    const answer = await solver.present(challenge(TOKEN, documentRoot));
    expect(answer).toMatchObject({
      ok: false,
      why: expect.stringMatching(why),
      fault: isOursToMend ? 'ours' : 'owner',
    });
    if (!answer.ok) expect(answer.why).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    await solver.cleanUp(removed(TOKEN, documentRoot));
    // Our own journal of placements aside, nothing anywhere differs.
    const isOurs = (line: string) => /^var( |\/cpanel)/.test(line);
    expect(listTree(place.folder).filter((line) => !isOurs(line))).toEqual(
      before.filter((line) => !isOurs(line)),
    );
    expect(readdirSync(writable)).toEqual([]);
  });

  asRoot('a document root that the account may not write to', async () => {
    chownSync(place.documentRoot, 0, 0);
    expect(await solver.present(challenge())).toEqual({
      ok: false,
      why: 'the document root may not be used by the account',
      fault: 'owner',
    });
    expect(readdirSync(place.documentRoot)).toEqual([]);
  });

  test('a document root that its owner made read-only', async () => {
    chmodSync(place.documentRoot, 0o555);
    expect(await solver.present(challenge())).toMatchObject({ ok: false });
    chmodSync(place.documentRoot, 0o755);
  });

  asRoot.each([
    ['.well-known', '.well-known'],
    ['.well-known/acme-challenge', 'acme-challenge'],
  ])('a closed %s: the folder that is closed is named', async (relative, shown) => {
    mkdirSync(challenges(), { recursive: true });
    for (const folder of ['.well-known', '.well-known/acme-challenge']) own(join(place.documentRoot, folder));
    chmodSync(join(place.documentRoot, relative), 0o000);
    expect(await solver.present(challenge())).toEqual({
      ok: false,
      why: `${shown} may not be used by the account`,
      fault: 'owner',
    });
    chmodSync(join(place.documentRoot, relative), 0o755);
  });

  asRoot('a document root where only root can make one', async () => {
    expect(await solver.present(challenge(TOKEN, '/etc/no/such'))).toMatchObject({
      ok: false,
      why: expect.stringMatching(/does not exist/),
      fault: 'ours',
    });
  });

  asRoot('a read-only file system', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'none', place.documentRoot]);
    try {
      expect(await solver.present(challenge())).toEqual({
        ok: false,
        why: expect.stringContaining('is on a read-only file system'),
        fault: 'ours',
      });
    } finally {
      execFileSync('umount', [place.documentRoot]);
    }
  });

  asRoot('a file system that is full', async () => {
    const options = `size=4k,nr_inodes=3,uid=${ACCOUNT_UID},gid=${ACCOUNT_UID}`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', place.documentRoot]);
    try {
      const answer = await solver.present(challenge());
      expect(answer).toEqual({
        ok: false,
        why: expect.stringContaining('no space left'),
        fault: 'ours',
      });
      await solver.cleanUp(removed());
      expect(readdirSync(place.documentRoot)).toEqual([]);
    } finally {
      execFileSync('umount', [place.documentRoot]);
    }
  });

  test.each(['.well-known', '.well-known/acme-challenge', 'public_html'])(
    'swaps %s with a link while we place and remove',
    async (swapped) => {
      const path = swapped === 'public_html' ? place.documentRoot : join(place.documentRoot, swapped);
      if (swapped.includes('/')) {
        mkdirSync(dirname(path));
        own(dirname(path));
      }
      const swapping = await startSwapping(path, writable);
      let placed = 0;
      try {
        const deadline = Date.now() + LONGEST_RACE_MS;
        for (let round = 0; round < 150 || (placed === 0 && Date.now() < deadline); round++) {
          const token = `token-${round}`;
          const answer = await solver.present(challenge(token));
          if (answer.ok) placed++;
          await solver.cleanUp(removed(token));
        }
      } finally {
        await swapping.stop();
      }
      expect(readdirSync(writable)).toEqual([]);
      expect(readdirSync(system)).toEqual(['precious']);
      expect(placed).toBeGreaterThan(0);
    },
    2 * LONGEST_RACE_MS,
  );
});

describe('the helper process', () => {
  /** Of this test’s own solver: other test files have helpers of the same account at the same time. */
  const helpersOf = (uid: number): string[] =>
    readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'latin1');
        const isOurs = new RegExp(`^PPid:\\t${process.pid}$`, 'm').test(status);
        const isOfAccount = new RegExp(`^Uid:\\t${uid}\\t`, 'm').test(status);
        return isOurs && isOfAccount && !/^State:\tZ/m.test(status);
      } catch {
        return false;
      }
    });

  asRoot('has dropped root for good and shows nothing of ours', async () => {
    await solver.present(challenge());
    const [pid = ''] = helpersOf(ACCOUNT_UID);
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const id = `${ACCOUNT_UID}\t${ACCOUNT_UID}\t${ACCOUNT_UID}\t${ACCOUNT_UID}`;
    expect(status).toContain(`Uid:\t${id}\n`);
    expect(status).toContain(`Gid:\t${id}\n`);
    expect(status).toMatch(new RegExp(`^Groups:\\t${ACCOUNT_UID} *$`, 'm'));
    expect(status).toMatch(/^CapPrm:\t0+$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).toBe('');
  });

  asRoot('killed or stopped by its account: a reason in time, then a new one', async () => {
    await solver.close();
    // In time for node to start the next one, too.
    solver = newSolver(4_000);
    await solver.present(challenge('one'));
    const [pid = ''] = helpersOf(ACCOUNT_UID);
    process.kill(Number(pid), 'SIGSTOP');
    expect(await solver.present(challenge('two'))).toEqual({
      ok: false,
      why: 'the helper process of the account did not answer in time',
      fault: 'owner',
    });
    expect(await solver.present(challenge('three'))).toEqual({ ok: true });
    for (const token of ['one', 'two', 'three']) await solver.cleanUp(removed(token));
    // The folders that the first one made included.
    expect(readdirSync(place.documentRoot)).toEqual([]);
  });

  asRoot.each([
    ['root', '0:0', /would be root/],
    ['the group root', `${ACCOUNT_UID}:0`, /would be root/],
    ['a system user', '33:33', /below UID_MIN 1000/],
    ['the highest uid below the bound', '999:999', /below UID_MIN 1000/],
    ['no uid at all', '4294967295:4294967295', /no usable uid/],
  ])('never becomes %s', async (_case, ids, why) => {
    place.writePasswd(`shop:x:${ids}::/home/shop:/bin/false\n`);
    expect(await solver.present(challenge())).toMatchObject({
      ok: false,
      why: expect.stringMatching(why),
      fault: 'ours',
    });
    expect(readdirSync(place.documentRoot)).toEqual([]);
  });

  asRoot('becomes the owner of the home folder when no passwd names the account', async () => {
    place.writePasswd('');
    expect(await solver.present(challenge())).toEqual({ ok: true });
    expect(lstatSync(join(challenges(), TOKEN)).uid).toBe(ACCOUNT_UID);
  });

  asRoot('but not when root owns it, nor through a link', async () => {
    place.writePasswd('');
    chownSync(place.home, 0, 0);
    expect(await solver.present(challenge())).toMatchObject({
      ok: false,
      why: expect.stringMatching(/would be root/),
    });
    symlinkSync(place.documentRoot, join(place.folder, 'home/linked'));
    expect(await solver.present(challenge(TOKEN, '/home/linked', 'linked'))).toMatchObject({
      ok: false,
      why: expect.stringMatching(/no home folder/),
    });
  });

  asRoot('UID_MIN is the tree’s', async () => {
    writeFileSync(join(place.folder, 'etc/login.defs'), '# UID_MIN 1\nUID_MIN\t\t60000\n');
    expect(await solver.present(challenge())).toMatchObject({
      ok: false,
      why: expect.stringMatching(/60000/),
    });
  });
});
