import { afterEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readSettings } from '../../../src/adapters/store/settings/settings.js';
import { checkSettings } from '../../../src/adapters/store/settings/settings-schema.js';
import type { Settings } from '../../../src/runs/ports/settings.js';
import { printedSection } from '../../support/readme-blocks.js';
import { aTree, type BuiltTree, type TreeBuilder } from '../../support/tree-builder.js';

let built: BuiltTree | undefined;
afterEach(() => built?.cleanUp());

const KEY = '/etc/autossl/tsig.key';
const nsupdate = { kind: 'nsupdate', server: '192.0.2.53', keyFile: KEY, zones: ['Ours.test.'] };
const powerdns = { kind: 'powerdns', url: 'http://127.0.0.1:8081/', apiKey: 'file:/etc/autossl/pdns' };
const hook = { kind: 'hook', style: 'lego', command: '/sbin/edit-dns --quiet', zones: ['ours.test'] };

function read(dns: object, furnish = (builder: TreeBuilder) => builder): Promise<Settings> {
  const files = aTree().file(KEY, 'key "k" {};', 0o600).file('/etc/autossl/pdns', 'the key\n', 0o600);
  built = furnish(files).settings({ dns }).build();
  return readSettings(built.tree);
}

describe('the settings of zones that are edited from here', () => {
  test('are read for each kind of editor', async () => {
    const { dns } = await read({
      editors: [nsupdate, { ...nsupdate, zones: 'auto', timeoutSeconds: 5 }, powerdns, hook],
      authoritative: { 'NS1.ours.test.': '127.0.0.1:5353', 'ns2.ours.test': '2001:db8::1' },
      delegations: ['acme.ours.test'],
      propagationSeconds: 30,
      intervalSeconds: 0.5,
    });
    const ofServer = { kind: 'nsupdate', server: '192.0.2.53:53', keyFile: built?.path(KEY) };
    expect(dns.editors).toEqual([
      { ...ofServer, zones: ['ours.test'], timeoutMs: 30_000 },
      { ...ofServer, zones: 'auto', timeoutMs: 5_000 },
      {
        kind: 'powerdns',
        url: 'http://127.0.0.1:8081',
        apiKey: expect.anything(),
        serverId: 'localhost',
        zones: 'auto',
        timeoutMs: 30_000,
      },
      {
        kind: 'hook',
        style: 'lego',
        command: ['/sbin/edit-dns', '--quiet'],
        cleanupCommand: null,
        acmeSh: null,
        environment: new Map(),
        zones: ['ours.test'],
        timeoutMs: 120_000,
      },
    ]);
    expect([...dns.authoritative]).toEqual([
      ['ns1.ours.test', '127.0.0.1:5353'],
      ['ns2.ours.test', '[2001:db8::1]:53'],
    ]);
    expect(dns).toMatchObject({ delegations: ['acme.ours.test'], propagationMs: 30_000, intervalMs: 500 });
  });

  test('hold secrets that show themselves to nobody', async () => {
    const { dns } = await read({
      editors: [powerdns, { ...hook, environment: { TOKEN: 'file:/etc/autossl/pdns', USER: 'me' } }],
    });
    const [server, program] = dns.editors;
    if (server?.kind !== 'powerdns' || program?.kind !== 'hook') throw new Error('other editors');
    expect(server.apiKey.reveal()).toBe('the key');
    expect(program.environment.get('TOKEN')?.reveal()).toBe('the key');
    expect(JSON.stringify(dns.editors)).not.toContain('the key');
  });

  test('as the README prints them are taken', () => {
    const [example] = printedSection('## Names proved by DNS');
    const result = checkSettings(parse(example?.text ?? ''));
    expect(result).toMatchObject({
      dns: { editors: [{ kind: 'nsupdate' }, { kind: 'powerdns' }, { kind: 'hook' }] },
    });
  });

  test.each<[string, object, string]>([
    [
      'an unknown kind',
      { ...nsupdate, kind: 'route53' },
      'dns.editors.0.kind is “route53”, but must be nsupdate, powerdns or hook',
    ],
    ['no kind', { server: '192.0.2.53' }, 'must be nsupdate, powerdns or hook'],
    ['a key that is misspelt', { ...nsupdate, keyfile: KEY }, 'did you mean “keyFile”?'],
    [
      'a server by name',
      { ...nsupdate, server: 'ns1.ours.test' },
      'dns.editors.0.server is “ns1.ours.test”, but must be an IP address',
    ],
    ['a zone that is none', { ...nsupdate, zones: ['a b'] }, 'the name of a zone'],
    ['no zone', { ...nsupdate, zones: [] }, 'a list of zones'],
    ['a key file that is not there', { ...nsupdate, keyFile: '/etc/none' }, 'there is no such file'],
    [
      'a password in the address',
      { ...powerdns, url: 'http://me:secret@127.0.0.1/' },
      'must be the http:// or https:// address',
    ],
    ['a hook without its path', { ...hook, command: 'edit-dns' }, 'absolute path of a program'],
    ['all zones of a hook', { ...hook, zones: 'auto' }, 'a list of zones'],
    ['certbot’s first hook alone', { ...hook, style: 'certbot' }, 'cleanupCommand is missing'],
    [
      'a second hook of lego',
      { ...hook, cleanupCommand: '/sbin/x' },
      'cleanupCommand is for the style certbot',
    ],
    [
      'acme.sh itself for lego',
      { ...hook, acmeSh: '/root/.acme.sh/acme.sh' },
      'acmeSh is for the style acme.sh',
    ],
    ['no script of acme.sh', { ...hook, style: 'acme.sh' }, 'one script of acme.sh’s dnsapi'],
    [
      'a script of acme.sh with a name that a shell would read',
      { ...hook, style: 'acme.sh', command: ['/x/dns_$(id).sh'] },
      'one script of acme.sh’s dnsapi',
    ],
  ])('with %s are refused in one clear line', async (_, editor, sentence) => {
    await expect(read({ editors: [editor] })).rejects.toThrow(sentence);
  });

  test.each([
    ['a TSIG key', nsupdate, KEY],
    ['an API key', powerdns, '/etc/autossl/pdns'],
  ])('are refused when others may read %s', async (_, editor, path) => {
    const isOpen = read({ editors: [editor] }, (builder) => builder.file(path, 'x', 0o640));
    await expect(isOpen).rejects.toMatchObject({ code: 'SECRET_EXPOSED' });
  });

  test('are refused without telling a secret that stands in the wrong place', async () => {
    const refusal = read({ editors: [{ ...powerdns, apiKey: ['hunter2'] }] });
    await expect(refusal).rejects.toThrow('***');
    await expect(read({ editors: [{ ...powerdns, apiKey: ['hunter2'] }] })).rejects.not.toThrow('hunter2');
  });
});
