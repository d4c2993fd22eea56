import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms, runBin } from '../../support/bin-program.js';
import { type Bind, startBind } from '../../support/bind.js';
import { shapeFaults } from '../../support/documented-shape.js';
import { LOOPBACK } from '../../support/loopback.js';
import { describeWithParts } from '../../support/needs.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

const KEY_FILE = '/etc/autossl/tsig.key';

describeWithParts('uapi DCV check_domains_via_dns', ['bind', 'dig'], () => {
  let bind: Bind;
  let built: BuiltTree;
  beforeAll(async () => {
    buildPrograms();
    bind = await startBind({ zones: { 'alice.test': { updates: 'any' }, 'foreign.test': {} } });
    built = aTree()
      .account('alice', { domain: 'alice.test', aliases: ['foreign.test'] })
      .settings({
        resolvers: [bind.server],
        http: { privateNetworks: LOOPBACK },
        dns: {
          editors: [{ kind: 'nsupdate', server: bind.server, keyFile: KEY_FILE, zones: ['alice.test'] }],
          authoritative: { 'ns1.alice.test': bind.server },
        },
      })
      .file(KEY_FILE, readFileSync(bind.keyFile, 'utf8'), 0o600)
      .build();
  });
  afterAll(async () => {
    await bind?.stop();
    await built?.cleanUp();
  });

  test('answers as documented, and leaves no record behind', async () => {
    const words = ['domain=www.alice.test', 'domain-1=foreign.test'];
    const ended = await runBin(
      'uapi',
      ['--user=alice', '--output=json', 'DCV', 'check_domains_via_dns', ...words],
      built.root,
    );
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    const answer = JSON.parse(ended.stdout);
    const [own, foreign] = answer.result.data;
    const sample = JSON.parse(readFileSync('fixtures/api/uapi/check_domains_via_dns.json', 'utf8'));
    expect(shapeFaults(sample.result.data[0], own)).toEqual([]);
    expect(own).toMatchObject({ domain: 'www.alice.test', zone: 'alice.test', succeeded: 1 });
    expect(own.failure_reason).toBeNull();
    expect(own.dcv_string).toMatch(/^_dcv-test-record=[0-9a-f]{64}$/);
    expect(foreign).toMatchObject({ domain: 'foreign.test', succeeded: 0, zone: null, dcv_string: null });
    expect(foreign.failure_reason).toContain('no local authority');
    expect(await bind.allTexts()).toEqual([]);
  });
});
