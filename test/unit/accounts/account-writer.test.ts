import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { addWebsite, type EditWebsitesHost } from '../../../src/runs/edit-websites.js';
import { aTree, type BuiltTree, type TreeBuilder } from '../../support/tree-builder.js';
import { add, HOSTING_USERS, remove, websitesHost } from '../../support/websites-host.js';

let built: BuiltTree;
afterEach(() => built.cleanUp());

function hostOf(builder: TreeBuilder): EditWebsitesHost {
  built = builder.file('/etc/passwd', HOSTING_USERS).file('/etc/group', 'alice:x:20001:\n').build();
  return websitesHost(built.tree);
}
const text = (path: string): string => readFileSync(built.path(path), 'utf8');
const modeOf = (path: string): number => lstatSync(built.path(path)).mode & 0o777;

const PANEL_ALICE = {
  domain: 'alice.example',
  aliases: ['alias.example'],
  addons: ['addon.example'],
  subs: ['shop.alice.example'],
};

describe('an account on a server that never had any', () => {
  test('gets the documented files, and only root and its own group may read them', async () => {
    const host = hostOf(aTree().domainIndex('none'));
    const added = await add(host, 'alice', 'alice.example', 'other.example', 'blog.alice.example');
    expect(added).toMatchObject({ outcome: 'added', kind: 'main', warnings: [] });
    expect(text('/var/cpanel/users/alice')).toBe(
      'DNS=alice.example\nDNS1=other.example\nDNS2=blog.alice.example\nFEATURELIST=default\nOWNER=root\nPLAN=default\nSTARTDATE=1777593600\nUSER=alice\n',
    );
    expect(text('/var/cpanel/userdata/alice/main')).toBe(
      '---\naddon_domains: {}\nmain_domain: alice.example\nparked_domains:\n  - other.example\nsub_domains: []\n',
    );
    expect(text('/var/cpanel/userdata/alice/alice.example')).toBe(
      `---
documentroot: /home/alice/alice.example
group: alice
homedir: /home/alice
owner: root
port: 80
serveralias: mail.alice.example www.alice.example other.example www.other.example mail.other.example blog.alice.example
servername: alice.example
user: alice
`,
    );
    for (const file of ['users/alice', 'userdata/alice/main', 'userdata/alice/alice.example']) {
      expect([file, modeOf(`/var/cpanel/${file}`).toString(8)]).toEqual([file, '640']);
    }
    expect(modeOf('/var/cpanel')).toBe(0o755);
    expect(modeOf('/var/cpanel/userdata/alice')).toBe(0o750);
    expect(readdirSync(built.path('/etc')).sort()).toEqual(['group', 'passwd']);
  });

  (process.getuid?.() === 0 ? test : test.skip)('its files belong to root and its own group', async () => {
    const host = hostOf(aTree().domainIndex('none'));
    await add(host, 'alice', 'alice.example');
    await add(host, 'bob', 'bob.example');
    const owner = (path: string) => {
      const { uid, gid } = lstatSync(built.path(path));
      return `${uid}:${gid}`;
    };
    expect(owner('/var/cpanel/users/alice')).toBe('0:20001');
    expect(owner('/var/cpanel/userdata/alice')).toBe('0:20001');
    expect(owner('/var/cpanel/users/bob')).toBe('0:0');
  });

  test('a user whose name is a number is no number to other readers', async () => {
    const host = hostOf(aTree().domainIndex('none'));
    expect((await add(host, '1234', 'alice.example')).names).toContain('www.alice.example');
    expect(text('/var/cpanel/userdata/1234/alice.example')).toContain("\nuser: '1234'\n");
  });

  test.each(['/srv/a: b #c', '/srv/{x}', "/srv/o'neill & sons", '/srv/über "uns"'])(
    'a document root like %s is read back as it is',
    async (documentRoot) => {
      const host = hostOf(aTree().account('bob', { domain: 'bob.example' }));
      const alice = parseAccountName('alice');
      for (const name of ['alice.example', 'sub.alice.example']) {
        await addWebsite(alice, { vhost: parseHostName(name), documentRoot, aliases: [] }, host);
      }
      const inventory = await host.accounts.read(alice);
      const websites = inventory?.state === 'ready' ? inventory.websites : [];
      expect(websites.map((website) => website.documentRoot)).toEqual([documentRoot, documentRoot]);
    },
  );

  test('is told to make a user that does not exist, and nothing is written', async () => {
    const host = hostOf(aTree().domainIndex('none'));
    await expect(add(host, 'nobody-here', 'a.example')).rejects.toMatchObject({
      code: 'UNKNOWN_USER',
      advice: expect.stringContaining('useradd'),
    });
    expect(readdirSync(built.path('/var/cpanel/users'))).toEqual([]);
  });

  test('cannot be a system user', async () => {
    const host = hostOf(aTree().domainIndex('none').file('/etc/login.defs', 'UID_MIN 20002\n'));
    await expect(add(host, 'alice', 'a.example')).rejects.toThrow('below UID_MIN 20002');
  });

  test('cannot have a name that readers pass over', async () => {
    const host = hostOf(aTree().domainIndex('none'));
    await expect(add(host, 'system', 'a.example')).rejects.toMatchObject({ code: 'BAD_NAME' });
  });
});

describe('a second account', () => {
  test.each([
    ['the name of a website', 'alice.example'],
    ['its www. name', 'www.alice.example'],
    ['an alias', 'other.example'],
    ['a plain alias', 'blog.alice.example'],
  ])('may not have %s of the first', async (_, name) => {
    const host = hostOf(aTree().domainIndex('none'));
    await add(host, 'alice', 'alice.example', 'other.example', 'blog.alice.example');
    await expect(add(host, 'bob', name)).rejects.toThrow(`${name} belongs to the account alice`);
    await expect(add(host, 'bob', 'bob.example', name)).rejects.toThrow('belongs to the account alice');
    expect(existsSync(built.path('/var/cpanel/users/bob'))).toBe(false);
    await remove(host, 'alice', 'alice.example');
    expect((await add(host, 'bob', 'bob.example', name)).outcome).toBe('added');
  });
});

describe('an account that a panel made', () => {
  test('keeps every line, comment and key that is not meant', async () => {
    const host = hostOf(aTree().account('alice', PANEL_ALICE).account('bob', { domain: 'bob.example' }));
    const main = built.path('/var/cpanel/userdata/alice/main');
    writeFileSync(
      main,
      `${readFileSync(main, 'utf8')}# kept\nunknown: {a: 'Off', b: 0x1F, c: 12345678901234567890, d: 1e400, e: 1.0, f: -0}\n`,
    );
    const before = ['/var/cpanel/users/alice', '/etc/userdomains', '/etc/userdatadomains'].map(text);
    const mainBefore = text('/var/cpanel/userdata/alice/main');
    await add(host, 'alice', 'new.example', 'new-alias.example');
    await add(host, 'alice', 'sub.alice.example');
    expect(text('/etc/userdatadomains')).toContain(
      'new.example: alice==root==addon==new.example==/home/alice/new.example==192.0.2.10:80==192.0.2.10:443====0==\n',
    );
    expect(text('/etc/userdatadomains')).toContain(
      'new-alias.example: alice==root==parked==new.example==/home/alice/new.example==',
    );
    expect(text('/etc/userdomains')).toContain('sub.alice.example: alice\nbob.example: bob\n');
    expect(text('/var/cpanel/users/alice')).toContain('\nDNS6=new-alias.example\nDNS7=sub.alice.example\n');
    await remove(host, 'alice', 'new.example');
    await remove(host, 'alice', 'sub.alice.example');
    expect(['/var/cpanel/users/alice', '/etc/userdomains', '/etc/userdatadomains'].map(text)).toEqual(before);
    expect(text('/var/cpanel/userdata/alice/main')).toBe(
      mainBefore.replace(
        "{a: 'Off', b: 0x1F, c: 12345678901234567890, d: 1e400, e: 1.0, f: -0}",
        "{ a: 'Off', b: 0x1F, c: 12345678901234567890, d: 1e400, e: 1.0, f: -0 }",
      ),
    );
    expect(existsSync(built.path('/var/cpanel/userdata/alice/new.example'))).toBe(false);
  });

  test('loses an addon domain with the subdomain that its website is named by', async () => {
    const host = hostOf(aTree().account('alice', PANEL_ALICE));
    await expect(remove(host, 'alice', 'addon.example')).rejects.toMatchObject({
      advice: 'The name is an alias of its website addon.alice.example.',
    });
    await remove(host, 'alice', 'addon.alice.example');
    for (const path of [
      '/var/cpanel/userdata/alice/main',
      '/var/cpanel/users/alice',
      '/etc/userdatadomains',
    ]) {
      expect(text(path)).not.toContain('addon.');
    }
  });

  test('is left out of the domain index when that cannot say an alias, and read from its YAML', async () => {
    const host = hostOf(aTree().account('alice', PANEL_ALICE).account('bob', { domain: 'bob.example' }));
    const { names } = await add(host, 'alice', 'shop.alice.example', 'mail.shop.alice.example');
    expect([...names].sort()).toEqual([
      'mail.shop.alice.example',
      'shop.alice.example',
      'www.shop.alice.example',
    ]);
    expect(text('/etc/userdatadomains')).toMatch(/^bob\.example: [^\n]*\n$/);
    await add(host, 'bob', 'late.bob.example');
    const again = await add(host, 'alice', 'shop.alice.example');
    expect(again.names).toEqual(names);
  });

  test('moves a document root wherever it is written', async () => {
    const host = hostOf(aTree().account('alice', PANEL_ALICE));
    const ssl = '/var/cpanel/userdata/alice/alice.example_SSL';
    writeFileSync(
      built.path(ssl),
      text('/var/cpanel/userdata/alice/alice.example').replace('port: 80', 'port: 443'),
    );
    expect((await add(host, 'alice', 'alice.example')).outcome).toBe('changed');
    for (const path of ['/var/cpanel/userdata/alice/alice.example', ssl]) {
      expect(text(path)).toContain('documentroot: /home/alice/alice.example\n');
    }
    expect(text(ssl)).toContain('port: 443\n');
    expect(text('/etc/userdatadomains')).not.toContain('public_html');
    expect((await add(host, 'alice', 'alice.example')).outcome).toBe('unchanged');
  });

  test.each([
    ['its main domain while it has others', 'alice.example', [], 'has to go last'],
    ['a website that it does not have', 'gone.alice.example', [], 'has no website gone.alice.example'],
    ['an alias that comes by itself', 'alice.example', ['www.alice.example'], 'is not an alias'],
  ])('does not lose %s', async (_, name, aliases, expected) => {
    const host = hostOf(aTree().account('alice', PANEL_ALICE));
    await expect(remove(host, 'alice', name, ...aliases)).rejects.toThrow(expected);
  });

  test.each([
    ['an alias as a website', 'alias.example', [], 'is an alias of the account'],
    ['a website as an alias', 'new.example', ['shop.alice.example'], 'is a website of the account already'],
    ['an addon domain as a website', 'addon.example', [], 'is an alias of the account'],
    ['a wildcard of a foreign domain', '*.new.example', [], 'lies below no domain of the account'],
  ])('does not get %s', async (_, name, aliases, expected) => {
    const host = hostOf(aTree().account('alice', PANEL_ALICE));
    await expect(add(host, 'alice', name, ...aliases)).rejects.toThrow(expected);
  });

  test('loses an alias domain and its www. and mail.', async () => {
    const host = hostOf(aTree().account('alice', PANEL_ALICE));
    const { names } = await remove(host, 'alice', 'alice.example', 'alias.example');
    expect([...names].sort()).toEqual(['alice.example', 'mail.alice.example', 'www.alice.example']);
    expect(text('/etc/userdomains')).not.toContain('alias.example');
    expect(text('/var/cpanel/userdata/alice/main')).toContain('parked_domains: []\n');
  });
});

describe('the last website', () => {
  test('takes the account with it: no file and no line names it', async () => {
    const host = hostOf(
      aTree()
        .account('alice', { domain: 'alice.example', aliases: ['alias.example'] })
        .account('bob', { domain: 'bob.example' })
        .file('/etc/trueuserdomains', 'alice.example: alice\nbob.example: bob\n')
        .file('/etc/domainusers', 'alice: alice.example\nbob: bob.example\n')
        .file('/etc/trueuserowners', 'alice: root\nbob: root\n')
        .file('/var/cpanel/userdata/alice/alice.example.cache', '{}')
        .file('/var/cpanel/userdata/alice/cache', '{}'),
    );
    const { outcome } = await remove(host, 'alice', 'alice.example');
    expect(outcome).toBe('account-removed');
    expect(readdirSync(built.path('/var/cpanel/users'))).toEqual(['bob']);
    expect(readdirSync(built.path('/var/cpanel/userdata'))).toEqual(['bob']);
    for (const list of [
      'userdomains',
      'userdatadomains',
      'trueuserdomains',
      'domainusers',
      'trueuserowners',
    ]) {
      expect([list, text(`/etc/${list}`)]).toEqual([list, expect.not.stringContaining('alice')]);
      expect([list, text(`/etc/${list}`)]).toEqual([list, expect.stringContaining('bob')]);
    }
    await expect(remove(host, 'alice', 'alice.example')).rejects.toMatchObject({ code: 'UNKNOWN_USER' });
  });

  test('comes again into every list that the server has', async () => {
    const host = hostOf(
      aTree()
        .account('bob', { domain: 'bob.example' })
        .file('/etc/trueuserdomains', 'bob.example: bob\n')
        .file('/etc/domainusers', 'bob: bob.example')
        .file('/etc/trueuserowners', ''),
    );
    await add(host, 'alice', 'alice.example');
    expect(text('/etc/trueuserdomains')).toBe('bob.example: bob\nalice.example: alice\n');
    expect(text('/etc/domainusers')).toBe('bob: bob.example\nalice: alice.example\n');
    expect(text('/etc/trueuserowners')).toBe('alice: root\n');
    expect(text('/etc/userdomains')).toBe('*: nobody\nbob.example: bob\nalice.example: alice\n');
  });
});

describe('half an account', () => {
  test('whose making stopped before its users file is made anew by the same command', async () => {
    const host = hostOf(aTree().domainIndex('none'));
    await add(host, 'alice', 'alice.example', 'other.example');
    const whole = text('/var/cpanel/users/alice');
    rmSync(built.path('/var/cpanel/users/alice'));
    await expect(add(host, 'alice', 'else.example')).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    await add(host, 'alice', 'alice.example', 'other.example');
    expect(text('/var/cpanel/users/alice')).toBe(whole);
  });

  test('without its main file gets no website, lest its others vanish', async () => {
    const host = hostOf(aTree().account('alice', PANEL_ALICE));
    rmSync(built.path('/var/cpanel/userdata/alice/main'));
    await expect(add(host, 'alice', 'new.example')).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    await expect(remove(host, 'alice', 'shop.alice.example')).rejects.toMatchObject({
      code: 'CORRUPT_RECORD',
    });
    expect((await remove(host, 'alice', 'alice.example')).outcome).toBe('account-removed');
  });

  test.each([
    ['main', 'main_domain: [', 'main'],
    ['a website’s file', 'documentroot: {}\n', 'shop.alice.example'],
    ['main with a key twice', 'main_domain: a.example\nmain_domain: b.example\n', 'main'],
    ['main with lists of another kind', 'main_domain: alice.example\nsub_domains: {a: b}\n', 'main'],
  ])('with a broken file (%s) is not touched', async (_, contents, name) => {
    const host = hostOf(aTree().account('alice', PANEL_ALICE));
    const path = `/var/cpanel/userdata/alice/${name}`;
    writeFileSync(built.path(path), contents);
    await expect(add(host, 'alice', 'new.example')).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    expect(text(path)).toBe(contents);
    expect(existsSync(built.path('/var/cpanel/userdata/alice/new.example'))).toBe(false);
  });
});

test('a link in place of a file is not written through', async () => {
  const host = hostOf(aTree().account('alice', PANEL_ALICE));
  mkdirSync(built.path('/elsewhere'));
  const real = built.path('/elsewhere/userdomains');
  writeFileSync(real, text('/etc/userdomains'));
  rmSync(built.path('/etc/userdomains'));
  symlinkSync(real, built.path('/etc/userdomains'));
  await expect(add(host, 'alice', 'new.example')).rejects.toMatchObject({ code: 'UNSAFE_FILE' });
  expect(readFileSync(real, 'utf8')).not.toContain('new.example');
});

test('two commands at once lose nothing', async () => {
  const host = hostOf(aTree().domainIndex('none'));
  await add(host, 'alice', 'alice.example');
  await Promise.all(Array.from({ length: 8 }, (_, index) => add(host, 'alice', `s${index}.alice.example`)));
  const inventory = await host.accounts.read(parseAccountName('alice'));
  expect(inventory).toMatchObject({ state: 'ready', faults: [] });
  expect(inventory?.state === 'ready' && inventory.websites.length).toBe(9);
});
