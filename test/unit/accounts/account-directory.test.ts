import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createAccountDirectory } from '../../../src/adapters/accounts/account-directory.js';
import { openExclusions } from '../../../src/adapters/store/choices/exclusions.js';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import type { AccountInventory, Website } from '../../../src/core/domain/website/website.js';
import { aTree, type BuiltTree, type TreeBuilder } from '../../support/tree-builder.js';

let built: BuiltTree | undefined;
afterEach(async () => {
  await built?.cleanUp();
  built = undefined;
});

function directory(builder: TreeBuilder) {
  built = builder.build();
  return directoryOf(built);
}
function directoryOf({ tree }: BuiltTree) {
  return createAccountDirectory(tree, { exclusionsOf: openExclusions(tree).of });
}
async function readAll(builder: TreeBuilder): Promise<readonly AccountInventory[]> {
  const found: AccountInventory[] = [];
  for await (const inventory of directory(builder).readAll()) found.push(inventory);
  return found;
}
const again = async (): Promise<readonly AccountInventory[]> => {
  const found: AccountInventory[] = [];
  if (built !== undefined) for await (const inventory of directoryOf(built).readAll()) found.push(inventory);
  return found;
};
const isReady = (inventory: AccountInventory | undefined) =>
  inventory?.state === 'ready' ? inventory : undefined;
const ready = (inventories: readonly AccountInventory[], name: string) =>
  inventories.map((inventory) => isReady(inventory)).find((inventory) => inventory?.account.name === name);
const namesOf = (website: Website | undefined): readonly string[] =>
  website?.candidates.map(({ name }) => name) ?? [];
const path = (documented: string): string => built?.path(documented) ?? '';
/** Makes the file or folder newer than the domain index. */
const touch = (documented: string): void =>
  utimesSync(path(documented), Date.now() / 1000 + 60, Date.now() / 1000 + 60);

const alice = {
  domain: 'alice.example',
  aliases: ['alias.example'],
  addons: ['addon.example'],
  subs: ['shop.alice.example', '*.alice.example'],
};
const bob = { domain: 'bob.example' };

describe.each([
  ['the domain index', 'fresh'],
  ['users and userdata alone', 'none'],
] as const)('an account read from %s', (_, index) => {
  test('has its websites, each with its names, document root and key type', async () => {
    const found = ready(await readAll(aTree().domainIndex(index).account('alice', alice)), 'alice');
    expect(found?.faults).toEqual([]);
    expect(found?.account).toEqual({
      name: 'alice',
      primaryDomain: 'alice.example',
      owner: 'root',
      isReseller: false,
      homeDirectory: '/home/alice',
      contactEmail: 'owner@alice.example',
    });
    const websites = new Map(found?.websites.map((website) => [website.vhost as string, website]));
    expect([...websites.keys()].sort()).toEqual([
      '*.alice.example',
      'addon.alice.example',
      'alice.example',
      'shop.alice.example',
    ]);
    expect([...namesOf(websites.get('alice.example'))].sort()).toEqual([
      'alias.example',
      'alice.example',
      'mail.alias.example',
      'mail.alice.example',
      'www.alias.example',
      'www.alice.example',
    ]);
    expect([...namesOf(websites.get('addon.alice.example'))].sort()).toEqual([
      'addon.alice.example',
      'addon.example',
      'mail.addon.example',
      'www.addon.alice.example',
      'www.addon.example',
    ]);
    expect(namesOf(websites.get('*.alice.example'))).toEqual(['*.alice.example']);
    expect(namesOf(websites.get('shop.alice.example'))).toEqual([
      'shop.alice.example',
      'www.shop.alice.example',
    ]);
    expect(websites.get('shop.alice.example')).toMatchObject({
      documentRoot: '/home/alice/shop.alice.example',
      keyType: 'rsa-2048',
      excluded: [],
    });
  });

  test('is the same when it is read alone', async () => {
    const accounts = directory(aTree().domainIndex(index).account('alice', alice).account('bob', bob));
    const all: AccountInventory[] = [];
    for await (const inventory of accounts.readAll()) all.push(inventory);
    expect(all.map((inventory) => isReady(inventory)?.account.name)).toEqual(['alice', 'bob']);
    expect(await accounts.read(parseAccountName('alice'))).toEqual(all[0]);
    expect(await accounts.read(parseAccountName('bob'))).toEqual(all[1]);
  });
});

describe('what decides about an account', () => {
  test.each([
    ['suspended by its file', { ...bob, suspended: 'flag' }, 'suspended'],
    ['suspended by the marker', { ...bob, suspended: 'marker' }, 'suspended'],
    ['without the feature by override', { ...bob, feature: false }, 'no-autossl-feature'],
    ['without the feature by its list', { ...bob, featureList: 'lean' }, 'no-autossl-feature'],
    ['without the feature by its package’s list', { ...bob, plan: 'cheap' }, 'no-autossl-feature'],
    [
      'with the feature by override against its list',
      { ...bob, featureList: 'lean', feature: true },
      'ready',
    ],
    ['with a list that does not exist, as by default', { ...bob, featureList: 'gone' }, 'ready'],
    ['with a list whose name is a path, as by default', { ...bob, featureList: '../features/lean' }, 'ready'],
  ] as const)('%s', async (_, spec, outcome) => {
    const [found] = await readAll(
      aTree()
        .account('bob', spec)
        .featureList('lean', { autossl: '0' })
        .featureList('default', { zoneedit: '1' })
        .package('cheap', { FEATURELIST: 'lean' }),
    );
    expect(found?.state === 'skipped' ? found.reason : found?.state).toBe(outcome);
  });

  test('service names follow cpanel.config; whm goes to resellers only', async () => {
    const found = await readAll(
      aTree()
        .cpanelConfig({ proxysubdomains: '1' })
        .account('alice', { domain: 'alice.example', owner: 'rita' })
        .account('rita', { domain: 'rita.example' }),
    );
    expect(namesOf(ready(found, 'alice')?.websites[0])).toContain('webmail.alice.example');
    expect(namesOf(ready(found, 'alice')?.websites[0])).not.toContain('whm.alice.example');
    expect(namesOf(ready(found, 'rita')?.websites[0])).toContain('whm.rita.example');
    expect(ready(found, 'rita')?.account.isReseller).toBe(true);
  });

  test.each([
    ['its own', 'ecdsa-secp384r1', 'ecdsa-secp384r1', 0],
    ['the server’s', 'system', 'ecdsa-prime256v1', 0],
    ['the server’s, with a fault, when its own is unknown', 'rsa-512', 'ecdsa-prime256v1', 1],
  ])('the key type is %s', async (_, keyType, wanted, faults) => {
    const found = await readAll(
      aTree()
        .cpanelConfig({ ssl_default_key_type: 'ecdsa-prime256v1' })
        .account('bob', { ...bob, keyType }),
    );
    expect(ready(found, 'bob')?.websites[0]?.keyType).toBe(wanted);
    expect(ready(found, 'bob')?.faults).toHaveLength(faults);
  });

  test('an unknown key type of the server is said once and the documented default used', async () => {
    const found = await readAll(
      aTree().cpanelConfig({ ssl_default_key_type: 'best' }).account('alice', alice).account('bob', bob),
    );
    expect(ready(found, 'alice')?.faults.map(({ message }) => message)).toEqual([
      `${path('/var/cpanel/cpanel.config')}: ssl_default_key_type=“best” is not a key type; rsa-2048 is used`,
    ]);
    expect(ready(found, 'bob')?.faults).toEqual([]);
    expect(ready(found, 'bob')?.websites[0]?.keyType).toBe('rsa-2048');
  });

  test('excluded names are named apart and not wanted', async () => {
    const found = await readAll(
      aTree().account('bob', { ...bob, exclude: ['MAIL.bob.example', 'other.example', 'no name'] }),
    );
    expect(namesOf(ready(found, 'bob')?.websites[0])).toEqual(['bob.example', 'www.bob.example']);
    expect(ready(found, 'bob')?.websites[0]?.excluded).toEqual(['mail.bob.example']);
  });

  test('the home folder is passwd’s, else the one in its YAML', async () => {
    const tree = aTree().account('alice', alice).account('bob', bob);
    const found = await readAll(tree.file('/etc/passwd', 'alice:x:1001:1001::/srv/alice:/bin/sh\n'));
    expect(ready(found, 'alice')?.account.homeDirectory).toBe('/srv/alice');
    expect(ready(found, 'bob')?.account.homeDirectory).toBe('/home/bob');
  });
});

describe('the newer knowledge wins', () => {
  const withAlias = 'documentroot: /home/bob/new\nservername: bob.example\nserveralias: by-hand.example\n';
  test.each([
    ['the folder', '/var/cpanel/userdata/bob'],
    ['main', '/var/cpanel/userdata/bob/main'],
    ['the website’s file', '/var/cpanel/userdata/bob/bob.example'],
  ])('YAML, when %s is newer than the index', async (_, changed) => {
    await readAll(aTree().account('bob', bob).file('/var/cpanel/userdata/bob/bob.example', withAlias));
    expect(namesOf(ready(await again(), 'bob')?.websites[0])).not.toContain('by-hand.example');
    touch(changed);
    expect(namesOf(ready(await again(), 'bob')?.websites[0])).toContain('by-hand.example');
    expect(ready(await again(), 'bob')?.websites[0]?.documentRoot).toBe('/home/bob/new');
  });
  test.each([
    ['the folder', ''],
    ['main', '/main'],
    ['the website’s file', '/bob.example'],
  ])(
    'YAML, when %s was written in the very tick in which the index was: it may be the later one',
    async (_, changed) => {
      await readAll(aTree().account('bob', bob).file('/var/cpanel/userdata/bob/bob.example', withAlias));
      const folder = path('/var/cpanel/userdata/bob');
      const indexedAt = new Date('2026-03-04T05:06:07.890Z');
      const before = new Date(indexedAt.getTime() - 1);
      utimesSync(path('/etc/userdatadomains'), indexedAt, indexedAt);
      for (const name of ['main', 'bob.example', '']) utimesSync(`${folder}/${name}`, before, before);
      expect(namesOf(ready(await again(), 'bob')?.websites[0])).not.toContain('by-hand.example');
      utimesSync(folder + changed, indexedAt, indexedAt);
      expect(namesOf(ready(await again(), 'bob')?.websites[0])).toContain('by-hand.example');
    },
  );
  test('YAML, when the index lacks the account', async () => {
    await readAll(aTree().account('alice', alice).account('bob', bob));
    writeFileSync(
      path('/etc/userdatadomains'),
      'alice.example: alice==root==main==alice.example==/home/alice/x==\n',
    );
    expect(ready(await again(), 'bob')?.websites[0]?.documentRoot).toBe('/home/bob/public_html');
  });
  test('the index, when there is no YAML at all', async () => {
    await readAll(aTree().account('bob', bob));
    rmSync(path('/var/cpanel/userdata'), { recursive: true });
    expect(ready(await again(), 'bob')?.websites).toHaveLength(1);
  });
  test('a change is seen by a directory that is already open', async () => {
    const accounts = directory(aTree().account('bob', bob));
    await accounts.read(parseAccountName('bob'));
    writeFileSync(
      path('/etc/userdatadomains'),
      'bob.example: bob==root==main==bob.example==/home/bob/moved==\n',
    );
    touch('/etc/userdatadomains');
    expect(isReady(await accounts.read(parseAccountName('bob')))?.websites[0]?.documentRoot).toBe(
      '/home/bob/moved',
    );
  });
});

describe('no name is wanted by two accounts', () => {
  const twoOfABC = (index: 'fresh' | 'none') =>
    aTree()
      .domainIndex(index)
      .account('abe', {
        domain: 'abe.example',
        serverAliases: { 'abe.example': ['bob.example', 'www.bob.example', 'both.example'] },
      })
      .account('bob', { domain: 'bob.example', serverAliases: { 'bob.example': ['both.example'] } });

  test('what a list has for bob is bob’s, though abe comes first; what no list has is the first’s', async () => {
    const found = await readAll(twoOfABC('none'));
    expect(namesOf(ready(found, 'abe')?.websites[0])).toEqual([
      'abe.example',
      'www.abe.example',
      'mail.abe.example',
      'both.example',
      'www.both.example',
      'mail.both.example',
    ]);
    expect(namesOf(ready(found, 'bob')?.websites[0])).toEqual([
      'bob.example',
      'www.bob.example',
      'mail.bob.example',
    ]);
    expect(ready(found, 'abe')?.faults.map(({ code, vhost }) => [code, vhost])).toEqual([
      ['NAME_TAKEN', 'abe.example'],
    ]);
    expect(ready(found, 'bob')?.faults.map(({ code }) => code)).toEqual(['NAME_TAKEN']);
  });

  test('and it is the same when bob is read alone', async () => {
    const accounts = directory(twoOfABC('none'));
    const alone = isReady(await accounts.read(parseAccountName('bob')));
    expect(namesOf(alone?.websites[0])).not.toContain('both.example');
  });

  test('a website whose own name is another account’s is left out', async () => {
    await readAll(aTree().account('alice', alice).account('bob', bob));
    const rows = 'x.example: {}==root==main==x.example==/home/{}/public_html==\n';
    writeFileSync(
      path('/etc/userdatadomains'),
      rows.replaceAll('{}', 'alice') + rows.replaceAll('{}', 'bob'),
    );
    writeFileSync(path('/etc/userdomains'), 'x.example: bob\n');
    for (const file of ['/etc/userdatadomains', '/etc/userdomains']) touch(file);
    const found = await again();
    expect(ready(found, 'alice')?.websites).toEqual([]);
    expect(ready(found, 'alice')?.faults.map(({ code, vhost }) => [code, vhost])).toEqual([
      ['NAME_TAKEN', 'x.example'],
    ]);
    expect(namesOf(ready(found, 'bob')?.websites[0])).toContain('x.example');
  });

  test('a domain of a suspended account is not the next one’s', async () => {
    const found = await readAll(
      aTree()
        .domainIndex('none')
        .account('abe', { domain: 'abe.example', suspended: true })
        .account('bob', { domain: 'bob.example', serverAliases: { 'bob.example': ['abe.example'] } }),
    );
    expect(namesOf(ready(found, 'bob')?.websites[0])).not.toContain('abe.example');
  });

  test('a list’s account that is gone keeps nothing', async () => {
    const found = await readAll(aTree().account('bob', bob).file('/etc/userdomains', 'bob.example: gone\n'));
    expect(namesOf(ready(found, 'bob')?.websites[0])).toContain('bob.example');
  });

  test('a subdomain called mail keeps its name from the main website', async () => {
    const found = await readAll(aTree().account('bob', { ...bob, subs: ['mail.bob.example'] }));
    const [main, mail] = ready(found, 'bob')?.websites ?? [];
    expect(namesOf(main)).toEqual(['bob.example', 'www.bob.example']);
    expect(namesOf(mail)).toContain('mail.bob.example');
    expect(ready(found, 'bob')?.faults).toEqual([]);
  });
});

const inPlaceOf = (documented: string, make: (real: string) => void) => (): void => {
  rmSync(path(documented), { recursive: true, force: true });
  mkdirSync(dirname(path(documented)), { recursive: true });
  make(path(documented));
};
const fifo = (real: string): void => {
  execFileSync('mkfifo', [real]);
};
const usersFile = '/var/cpanel/users/mid';
const mainFile = '/var/cpanel/userdata/mid/main';
const vhostFile = '/var/cpanel/userdata/mid/shop.mid.example';

describe('one broken account costs one line', () => {
  const tree = () =>
    aTree()
      .domainIndex('none')
      .account('alice', alice)
      .account('mid', { domain: 'mid.example', subs: ['shop.mid.example'], featureList: 'own' })
      .account('zoe', { domain: 'zoe.example' });

  test.each([
    ['its users file is a folder', inPlaceOf(usersFile, (real) => mkdirSync(real))],
    ['its users file is a FIFO', inPlaceOf(usersFile, fifo)],
    ['its users file is a link to nothing', inPlaceOf(usersFile, (real) => symlinkSync('nowhere', real))],
    ['its users file is a link to itself', inPlaceOf(usersFile, (real) => symlinkSync('mid', real))],
    [
      'its users file is a link out of the tree',
      inPlaceOf(usersFile, (real) => symlinkSync('/etc/passwd', real)),
    ],
    [
      'its users file is binary',
      inPlaceOf(usersFile, (real) => writeFileSync(real, Buffer.alloc(5000, 0xfe))),
    ],
    ['its users file is empty', inPlaceOf(usersFile, (real) => writeFileSync(real, ''))],
    [
      'its users file is 50 MB',
      inPlaceOf(usersFile, (real) => writeFileSync(real, Buffer.alloc(50 * 1024 * 1024, 'x'))),
    ],
    [
      'its users file is another user’s',
      inPlaceOf(usersFile, (real) => writeFileSync(real, 'USER=zoe\nDNS=mid.example\n')),
    ],
    ['main is missing', inPlaceOf(mainFile, () => undefined)],
    ['main is broken YAML', inPlaceOf(mainFile, (real) => writeFileSync(real, 'main_domain: [\n'))],
    ['main is a FIFO', inPlaceOf(mainFile, fifo)],
    [
      'main names an invalid main domain',
      inPlaceOf(mainFile, (real) => writeFileSync(real, 'main_domain: ../x\n')),
    ],
    [
      'main hides it in a prototype',
      inPlaceOf(mainFile, (real) => writeFileSync(real, '__proto__: {main_domain: a.example}\n')),
    ],
    [
      'main is all aliases',
      inPlaceOf(mainFile, (real) => writeFileSync(real, `a: &a x\nmain_domain: [${'*a,'.repeat(500)}]\n`)),
    ],
    [
      'main is 50 MB',
      inPlaceOf(mainFile, (real) => writeFileSync(real, Buffer.alloc(50 * 1024 * 1024, '['))),
    ],
    [
      'its userdata folder is a file',
      inPlaceOf('/var/cpanel/userdata/mid', (real) => writeFileSync(real, '')),
    ],
    [
      'its userdata folder is a link out of the tree',
      inPlaceOf('/var/cpanel/userdata/mid', (real) => symlinkSync('/etc', real)),
    ],
    ['its feature list is a folder', inPlaceOf('/var/cpanel/features/own', (real) => mkdirSync(real))],
    [
      'its exclusions are no JSON',
      inPlaceOf('/var/cpanel/ssl/autossl/excludes/mid.json', (real) => writeFileSync(real, '{')),
    ],
    [
      'its exclusions are no list',
      inPlaceOf('/var/cpanel/ssl/autossl/excludes/mid.json', (real) =>
        writeFileSync(real, '{"excluded_domains":"a"}'),
      ),
    ],
    ['its exclusions are a FIFO', inPlaceOf('/var/cpanel/ssl/autossl/excludes/mid.json', fifo)],
  ])('when %s', async (_, spoil) => {
    built = tree().build();
    spoil();
    const found = await again();
    expect(found.map(({ state }) => state)).toEqual(['ready', 'broken', 'ready']);
    const broken = found.find((inventory) => inventory.state === 'broken');
    expect(broken?.account).toBe('mid');
    expect(broken?.fault.path.startsWith(built.root)).toBe(true);
    expect(broken?.fault.message).toMatch(/^[^\p{Cc}]{10,400}$/u);
    const alone = await directoryOf(built).read(parseAccountName('mid'));
    expect(alone).toEqual(broken);
  });

  test.each([
    ['is missing', inPlaceOf(vhostFile, () => undefined), 'WEBSITE_FILE_MISSING'],
    ['is broken YAML', inPlaceOf(vhostFile, (real) => writeFileSync(real, 'a: "')), 'WEBSITE_FILE_INVALID'],
    ['is a folder', inPlaceOf(vhostFile, (real) => mkdirSync(real)), 'WEBSITE_FILE_INVALID'],
    ['is a FIFO', inPlaceOf(vhostFile, fifo), 'WEBSITE_FILE_INVALID'],
    [
      'has no document root',
      inPlaceOf(vhostFile, (real) => writeFileSync(real, 'servername: shop.mid.example\n')),
      'WEBSITE_FILE_INVALID',
    ],
    [
      'has a relative document root',
      inPlaceOf(vhostFile, (real) => writeFileSync(real, 'documentroot: a/b\n')),
      'WEBSITE_FILE_INVALID',
    ],
    [
      'is another website’s',
      inPlaceOf(vhostFile, (real) => writeFileSync(real, 'documentroot: /x\nservername: a.example\n')),
      'WEBSITE_FILE_INVALID',
    ],
  ])('one broken website costs itself when its file %s', async (_, spoil, code) => {
    built = tree().build();
    spoil();
    const found = ready(await again(), 'mid');
    expect(found?.websites.map(({ vhost }) => vhost)).toEqual(['mid.example']);
    expect(found?.faults.map((fault) => [fault.code, fault.vhost, fault.path])).toEqual([
      [code, 'shop.mid.example', path(vhostFile)],
    ]);
  });

  test('names that are no names cost themselves, and reach no path', async () => {
    const hostile = [
      '../../../etc',
      'a.example\nb',
      'a.example;id',
      '\0',
      `${'a.'.repeat(150)}x`,
      '__proto__',
      'constructor',
    ];
    built = tree().build();
    writeFileSync(
      path(mainFile),
      JSON.stringify({ main_domain: 'mid.example', sub_domains: hostile, parked_domains: ['..', '/'] }),
    );
    const found = ready(await again(), 'mid');
    expect(found?.websites.map(({ vhost }) => vhost)).toEqual(['mid.example']);
    expect(found?.faults.map(({ code }) => code)).toEqual(Array(hostile.length + 2).fill('NAME_INVALID'));
    for (const { message, vhost } of found?.faults ?? [])
      expect(`${message}${vhost}`).toMatch(/^[^\p{Cc}]+$/u);
  });

  test('when we make a mistake, and it is said to be ours', async () => {
    built = tree().build();
    const accounts = createAccountDirectory(built.tree, {
      exclusionsOf: (name) => {
        if (name === 'mid') throw new TypeError('x is not a function');
        return new Set();
      },
    });
    const found: AccountInventory[] = [];
    for await (const inventory of accounts.readAll()) found.push(inventory);
    expect(found.map(({ state }) => state)).toEqual(['ready', 'broken', 'ready']);
    const message = 'unexpected error, please report it: TypeError: x is not a function';
    expect(found[1]).toMatchObject({ fault: { message: expect.stringContaining(message) } });
  });

  test('when the mode forbids its users file', async () => {
    built = tree().build();
    for (const name of ['alice', 'zoe']) chmodSync(path(`/var/cpanel/users/${name}`), 0o644);
    chmodSync(path(usersFile), 0);
    await again();
    const found = await asNobody(again);
    expect(found.map(({ state }) => state)).toEqual(['ready', 'broken', 'ready']);
    expect(found[1]).toMatchObject({ fault: { message: `${path(usersFile)}: permission denied` } });
  });
});

/** Root reads everything: look with another user's eyes. */
async function asNobody<T>(look: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return look();
  const nobody = 65_534;
  process.seteuid?.(nobody);
  try {
    return await look();
  } finally {
    process.seteuid?.(0);
  }
}

describe('what lies in the users folder', () => {
  test('leftovers, copies and the system’s own file are no accounts', async () => {
    const found = await readAll(
      ['system', '.alice.swp', 'bob.lock', 'bob.cache', 'bob~', 'bob.bak', 'bob.2024'].reduce(
        (tree, name) => tree.file(`/var/cpanel/users/${name}`, 'USER=bob\nDNS=bob.example\n'),
        aTree().account('bob', bob),
      ),
    );
    expect(found.map((inventory) => isReady(inventory)?.account.name)).toEqual(['bob']);
    expect(readdirSync(path('/var/cpanel/users'))).toHaveLength(8);
  });
  test.each(['fresh', 'none'] as const)(
    'a file that says that it is another account’s is a fault, and takes nothing from that one (index: %s)',
    async (index) => {
      const found = await readAll(
        aTree()
          .domainIndex(index)
          .account('bob', { domain: 'bob.example' })
          .file('/var/cpanel/users/alice', 'USER=bob\nDNS=bob.example\n')
          .file('/var/cpanel/users/a.2024', 'USER=a\nDNS=bob.example\n'),
      );
      expect(found).toMatchObject([
        { state: 'broken', account: 'alice', fault: { message: expect.stringContaining('USER=“bob”') } },
        { state: 'ready', account: { name: 'bob' }, faults: [] },
      ]);
      expect(ready(found, 'bob')?.websites.map(({ vhost }) => vhost)).toEqual(['bob.example']);
    },
  );
  test('a file whose name no account can have is a fault', async () => {
    const found = await readAll(
      aTree().account('bob', bob).file('/var/cpanel/users/a b\n', 'DNS=x.example\n'),
    );
    expect(found.map(({ state }) => state)).toEqual(['broken', 'ready']);
    expect(found[0]?.account).toBe('a b\\u{a}');
  });
  test('accounts named like keys of every object are accounts', async () => {
    const found = await readAll(
      aTree().account('__proto__', { domain: 'p.example' }).account('constructor', { domain: 'c.example' }),
    );
    expect(found.map((inventory) => isReady(inventory)?.websites.length)).toEqual([1, 1]);
  });
  test.each([
    ['is missing', (real: string) => rmSync(real, { recursive: true })],
    [
      'is a file',
      (real: string) => {
        rmSync(real, { recursive: true });
        writeFileSync(real, '');
      },
    ],
    [
      'leads out of the tree',
      (real: string) => {
        rmSync(real, { recursive: true });
        symlinkSync('/usr', real);
      },
    ],
  ])('a users folder that %s ends the run', async (_, spoil) => {
    built = aTree().account('bob', bob).build();
    spoil(path('/var/cpanel/users'));
    await expect(again()).rejects.toMatchObject({ code: 'TREE_UNREADABLE' });
    await expect(again()).rejects.toBeInstanceOf(StateError);
    await expect(directoryOf(built).read(parseAccountName('nobody1'))).rejects.toMatchObject({
      code: 'TREE_UNREADABLE',
    });
  });
  test('an account that is not there is undefined', async () => {
    const accounts = directory(aTree().account('bob', bob));
    expect(await accounts.read(parseAccountName('carol'))).toBeUndefined();
    expect(await accounts.read(parseAccountName('system'))).toBeUndefined();
  });
  test('without accounts there is nothing to read', async () => {
    expect(await readAll(aTree())).toEqual([]);
  });
});

describe('a server-wide file that cannot be read', () => {
  test.each([
    '/etc/userdatadomains',
    '/etc/userdomains',
    '/etc/passwd',
    '/var/cpanel/cpanel.config',
    '/etc/trueuserowners',
  ])('counts as absent and is said once: %s', async (documented) => {
    built = aTree().account('alice', alice).account('bob', bob).build();
    inPlaceOf(documented, fifo)();
    const found = await again();
    expect(found.map(({ state }) => state)).toEqual(['ready', 'ready']);
    expect(ready(found, 'alice')?.faults.map((fault) => [fault.code, fault.path])).toEqual([
      ['ACCOUNT_FILE_UNREADABLE', path(documented)],
    ]);
    expect(ready(found, 'bob')?.faults).toEqual([]);
    unlinkSync(path(documented));
  });
});
