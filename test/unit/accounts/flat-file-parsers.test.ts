import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  DomainIndex,
  dataFromRows,
  parseDomainRow,
  parsePairs,
} from '../../../src/adapters/accounts/domain-index.js';
import { parseKeyValueLines } from '../../../src/adapters/accounts/userdata/key-value-file.js';
import {
  loadYamlReader,
  readMainFile,
  readVhostFile,
  type YamlReader,
} from '../../../src/adapters/accounts/userdata/userdata-yaml.js';
import {
  isAccountFileName,
  isCopyOfAnother,
  parseUserFile,
} from '../../../src/adapters/accounts/users-file.js';

/** Any bytes as a reader of UTF-8 sees them, and texts made of the formats' own pieces. */
const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('utf8'));
const pieces = fc
  .array(
    fc.constantFrom(
      'DNS',
      'DNS1',
      '=',
      '==',
      ':',
      ' ',
      '\n',
      '\0',
      '#',
      'a.example',
      'alice',
      'main',
      'sub',
      '__proto__',
      'é',
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));
const anyText = fc.oneof(anyBytes, pieces);

describe('any bytes', () => {
  test('are a users file without exception', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const user = parseUserFile(text);
        expect(user.domains.every((domain) => typeof domain === 'string' && domain !== '')).toBe(true);
        expect(Object.getPrototypeOf(user)).toBe(Object.prototype);
      }),
      { numRuns: 500 },
    );
  });
  test('are a domain index without exception, and every row is its own account’s', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const index = new DomainIndex(text, 0);
        for (const [domain, account] of index.ownership()) {
          expect(
            index.rowsOf(account).filter((row) => row.domain === domain && row.account === account),
          ).not.toEqual([]);
        }
        const data = dataFromRows(index.rowsOf('alice'), '/etc/userdatadomains');
        expect(data === undefined || data.vhosts.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
  test('are pairs and key-value lines without exception', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const [left, right] of parsePairs(text)) expect(`${left}${right}`).not.toContain('\n');
        for (const key of parseKeyValueLines(text).keys()) expect(key).not.toContain('=');
      }),
    );
  });
  test('are userdata YAML without exception', async () => {
    const readYaml = await loadYamlReader();
    fc.assert(
      fc.property(anyText, (text) => {
        const mapping = readYaml(text);
        expect(typeof mapping === 'string' || mapping instanceof Map).toBe(true);
        if (typeof mapping === 'string') return;
        for (const found of [readMainFile(mapping), readVhostFile(mapping)]) {
          expect(['string', 'object']).toContain(typeof found);
        }
      }),
    );
  });
});

describe('a users file', () => {
  test('gives the documented keys', () => {
    expect(
      parseUserFile(
        '# Do not modify\nDNS=example.com\nDNS1=addon.example\r\nFEATURE-AUTOSSL=1\nFEATURELIST=gold\nOWNER=bob\nPLAN=p\nSSL_DEFAULT_KEY_TYPE=system\nUSER=alice\nCONTACTEMAIL=a@example.com\nDNSSEC=1\nDNS2=\n',
      ),
    ).toEqual({
      user: 'alice',
      mainDomain: 'example.com',
      domains: ['example.com', 'addon.example'],
      owner: 'bob',
      plan: 'p',
      featureList: 'gold',
      featureOverride: '1',
      keyType: 'system',
      contactEmail: 'a@example.com',
      isSuspended: false,
    });
  });
  test.each([
    ['SUSPENDED=1', true],
    ['SUSPENDED=0', false],
    ['SUSPENDED=', false],
    ['#SUSPENDED=1', false],
  ])('with the line %s is suspended: %p', (line, isSuspended) => {
    expect(parseUserFile(line).isSuspended).toBe(isSuspended);
  });
  test.each([
    ['system', false],
    ['.alice.swp', false],
    ['alice~', false],
    ['alice.lock', false],
    ['alice.cache', false],
    ['alice.bak', false],
    ['alice.rpmsave', false],
    ['alice b', false],
    ['..', false],
    ['alice', true],
    ['a.b', true],
    ['constructor', true],
  ])('called %s can be an account’s: %p', (name, isAccount) => {
    expect(isAccountFileName(name)).toBe(isAccount);
  });
  test('that is a copy of another account’s is known by its USER', () => {
    expect(isCopyOfAnother('alice.2024', parseUserFile('USER=alice'))).toBe(true);
    expect(isCopyOfAnother('alice', parseUserFile('USER=alice'))).toBe(false);
    expect(isCopyOfAnother('mallory', parseUserFile('USER=alice'))).toBe(false);
  });
});

describe('a line of the domain index', () => {
  test('has the documented fields', () => {
    expect(
      parseDomainRow(
        'example.com: alice==root==main==example.com==/home/alice/public_html==192.0.2.10:80==192.0.2.10:443====0==',
      ),
    ).toEqual({
      domain: 'example.com',
      account: 'alice',
      owner: 'root',
      type: 'main',
      parent: 'example.com',
      documentRoot: '/home/alice/public_html',
    });
  });
  test.each(['', 'example.com', ': alice==root==main==x==/', 'example.com: alice==root==main==x'])(
    'of another form is passed over: %p',
    (line) => {
      expect(parseDomainRow(line)).toBeUndefined();
    },
  );
  const rows = (...lines: string[]) =>
    lines.map((line) => parseDomainRow(line)).filter((row) => row !== undefined);
  test('puts aliases on the website of the domain it names, else on the main one', () => {
    const data = dataFromRows(
      rows(
        'a.example: u==root==main==a.example==/m',
        'b.a.example: u==root==sub==a.example==/b',
        'b.example: u==root==addon==b.a.example==/b',
        'c.example: u==root==parked==b.example==/b',
        'd.example: u==root==parked==nowhere.example==/m',
      ),
      '/i',
    );
    expect(data?.vhosts.map(({ servername, aliases }) => [servername, aliases])).toEqual([
      ['a.example', ['d.example']],
      ['b.a.example', ['b.example', 'c.example']],
    ]);
  });
  test.each([
    ['there is no main domain', ['b.a.example: u==root==sub==a.example==/b']],
    [
      'an addon’s website is not known',
      ['a.example: u==root==main==a.example==/m', 'b.example: u==root==addon==a.example==/b'],
    ],
    ['there is nothing', []],
  ])('leaves the account to its YAML when %s', (_, lines) => {
    expect(dataFromRows(rows(...lines), '/i')).toBeUndefined();
  });
});

describe('userdata YAML', () => {
  let readYaml: YamlReader;
  test.each([
    ['a document without lists', 'main_domain: a.example\n', []],
    [
      'empty flow collections',
      'main_domain: a.example\naddon_domains: {}\nparked_domains: []\nsub_domains: ~\n',
      [],
    ],
    ['a list', 'main_domain: a.example\nsub_domains:\n- 1.2\n- true\n', ['1.2', 'true']],
    ['keys of every object', 'main_domain: a.example\n__proto__:\n  sub_domains: [x]\nconstructor: y\n', []],
  ])('is read as texts: %s', async (_, text, subdomains) => {
    readYaml = await loadYamlReader();
    const mapping = readYaml(text);
    expect(typeof mapping === 'string' ? mapping : readMainFile(mapping)).toMatchObject({
      mainDomain: 'a.example',
      subdomains,
    });
  });
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]']
    .concat([...'bcdefghi'].map((key, at) => `${key}: &${key} [${Array(10).fill(`*${'abcdefghi'[at]}`)}]`))
    .join('\n');
  test.each([
    ['a bomb of aliases', bomb],
    ['brackets without end', '['.repeat(50_000)],
    ['two documents', 'main_domain: a\n---\nmain_domain: b\n'],
    ['a key twice', 'main_domain: a\nmain_domain: b\n'],
    ['a list at the top', '- a\n'],
    ['a text', 'hello'],
    ['nothing', ''],
    ['broken quoting', 'main_domain: "a\n'],
    ['binary', '\0\u0001\u0002\ufffd'],
  ])('is refused in one line: %s', async (_, text) => {
    readYaml = await loadYamlReader();
    expect(readYaml(text)).toMatch(/^it (?:is|has) .{1,200}$/);
  });
  test('of 20,000 keys is not compared key by key', async () => {
    readYaml = await loadYamlReader();
    const text = Array.from({ length: 20_000 }, (_, at) => `k${at}: v`).join('\n');
    expect(readYaml(text)).toHaveProperty('size', 20_000);
  });
  test.each([
    ['no document root', 'servername: a.example'],
    ['an empty document root', 'documentroot: ""'],
    ['a document root that is a list', 'documentroot: [/a]'],
    ['aliases that are a mapping', 'documentroot: /a\nserveralias: {a: b}'],
    ['a servername that is a list', 'documentroot: /a\nservername: [a]'],
  ])('of a website with %s says so', async (_, text) => {
    readYaml = await loadYamlReader();
    const mapping = readYaml(text);
    expect(typeof mapping === 'string' ? mapping : typeof readVhostFile(mapping)).toBe('string');
  });
});
