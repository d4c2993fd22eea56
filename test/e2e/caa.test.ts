import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DnsCaaResolver } from '../../src/adapters/dns/caa-resolver.js';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type Bind, startBind } from '../support/bind.js';
import { type CaSite, PEBBLE_TERMS, startCaSite } from '../support/ca-site.js';
import { describeWithParts } from '../support/needs.js';

const OTHERS = ['@ CAA 0 issue "sectigo.com"', '@ CAA 0 iodef "mailto:hostmaster@local.test"'];
const NAMES = ['@ A 127.0.0.1', '* A 127.0.0.1'];

describeWithParts('CAA that forbids the provider', ['pebble', 'openssl', 'bind', 'dig'], () => {
  let site: CaSite;
  let bind: Bind;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
    bind = await startBind({
      zones: {
        'local.test': { updates: 'any', records: [...NAMES, ...OTHERS] },
        'foreign.test': { records: [...NAMES, '@ CAA 0 issue "sectigo.com"'] },
        'hostile.test': { records: [...NAMES, '@ CAA 0 issue "pebble.test\\027[2J"'] },
        'fine.test': { records: NAMES },
      },
    });
  });
  afterAll(async () => {
    await bind?.stop();
    await site?.stop();
  });

  const recordsOf = async (name: string): Promise<string[]> => {
    const lookup = await new DnsCaaResolver({ servers: [bind.server] }).caaAt(name);
    if (lookup.state === 'failed') throw new Error(lookup.fault);
    return lookup.records.map(({ flags, tag, value }) => `${flags} ${tag} ${value}`).sort();
  };

  test('in a zone of ours one record is added, which can be undone; elsewhere the record is named and no order spent', async () => {
    const hosted = await site.host(
      {
        alice: { domain: 'local.test' },
        bob: { domain: 'foreign.test' },
        carol: { domain: 'fine.test' },
        dave: { domain: 'hostile.test' },
      },
      {
        settings: {
          resolvers: [bind.server],
          dns: {
            editors: [
              {
                kind: 'nsupdate',
                server: bind.server,
                keyFile: '/etc/autossl/tsig.key',
                zones: ['local.test'],
              },
            ],
            authoritative: { 'ns1.local.test': bind.server },
          },
        },
        furnish: (builder) => builder.file('/etc/autossl/tsig.key', tsigOf(bind), 0o600),
      },
    );
    const meta = { termsOfService: PEBBLE_TERMS, caaIdentities: ['pebble.test'] };
    site.proxy.fault(PATHS.directory, { kind: 'change', members: { meta } }, Number.POSITIVE_INFINITY);
    expect(await site.choose(hosted)).toMatchObject({ exitCode: 0 });

    const before = await recordsOf('local.test');
    const first = await hosted.run('autossl_check', '--all', '--json');
    const report = JSON.parse(first.stdout);
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: 2 } });
    expect(site.proxy.newOrders()).toBe(2);
    expect(await recordsOf('local.test')).toEqual([...before, '0 issue pebble.test'].sort());
    expect(report.problems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          domain: 'foreign.test',
          code: 'CAA_FORBIDS',
          advice: expect.stringContaining('foreign.test. CAA 0 issue "pebble.test"'),
          message: expect.stringContaining('foreign.test. CAA 0 issue "sectigo.com"'),
        }),
        expect.objectContaining({
          domain: 'hostile.test',
          code: 'CAA_MALFORMED',
          message: expect.stringContaining('hostile.test. CAA 0 issue "pebble.test\\027[2J"'),
        }),
      ]),
    );
    expect(first.stdout + first.stderr).not.toContain('\u001b');

    // What the directory said is known afterwards, too.
    const why = await hosted.run('autossl', 'why', 'foreign.test', '--json');
    expect(why.exitCode).toBe(1);
    expect(JSON.parse(why.stdout)).toMatchObject({ verdict: { code: 'CAA_FORBIDS', isObstructed: true } });

    const list = JSON.parse((await hosted.run('autossl', 'caa', 'list', '--json')).stdout);
    expect(list.additions).toMatchObject([{ name: 'local.test', state: 'added', account: 'alice' }]);
    expect(await hosted.run('autossl', 'caa', 'undo', 'local.test')).toMatchObject({ exitCode: 0 });
    expect(await recordsOf('local.test')).toEqual(before);
  });
});

/** The key file's text, to be put where the settings say. */
function tsigOf({ keyFile }: Bind): string {
  return readFileSync(keyFile, 'utf8');
}
