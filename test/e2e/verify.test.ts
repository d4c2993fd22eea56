import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FileServedStore } from '../../src/adapters/store/records/served.js';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { installedFingerprint, placeAgedSet } from '../support/aged-set.js';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { describeWithParts } from '../support/needs.js';
import { aRoot } from '../support/pki.js';
import { freePorts } from '../support/ports.js';
import { NginxRig, servedFingerprint } from '../support/server-rigs.js';
import { aTree, type BuiltTree } from '../support/tree-builder.js';

/** A server whose nginx serves most of what lies there. */
describeWithParts('autossl verify', ['nginx', 'openssl'], () => {
  let built: BuiltTree;
  let rig: NginxRig;
  let port = 0;
  const run = (...words: string[]) => runBin('autossl', words, built.root);
  const place = (vhost: string, daysLeft: number) =>
    placeAgedSet(built, {
      account: 'alice',
      vhost,
      names: [vhost, `www.${vhost}`],
      daysLeft,
      provider: 'LocalCA',
    });

  beforeAll(async () => {
    buildPrograms();
    const [free = 0, silent = 0] = await freePorts(2);
    port = free;
    rig = new NginxRig();
    built = aTree()
      .account('alice', { domain: 'fine.test', subs: ['old.fine.test', 'lost.fine.test', 'none.fine.test'] })
      .account('bob', { domain: 'bob.test' })
      .settings({
        trustAnchors: '/etc/roots.pem',
        webServer: rig.yaml(),
        // Nobody answers there: what public DNS says is not known.
        resolvers: [`127.0.0.1:${silent}`],
      })
      .file('/etc/roots.pem', aRoot().certPem)
      .build();
    for (const vhost of ['fine.test', 'old.fine.test', 'lost.fine.test']) place(vhost, 60);
    placeAgedSet(built, {
      account: 'bob',
      vhost: 'bob.test',
      names: ['bob.test'],
      daysLeft: 50,
      provider: null,
    });
    for (const vhost of ['fine.test', 'old.fine.test', 'bob.test']) {
      const listen = `127.0.0.1:${port} ssl${vhost === 'fine.test' ? ' default_server' : ''}`;
      rig.site(vhost, listen, built.tree.combined(parseHostName(vhost)));
    }
    await rig.start(port);
  });
  afterAll(async () => {
    await rig?.stop();
    await built?.cleanUp();
  });

  test('says for each website that is not served what is served there and what to change', async () => {
    expect((await run('status', 'old.fine.test')).stdout).toContain('not asked yet');
    // Renewed, and nobody reloaded the server.
    place('old.fine.test', 80);
    const ended = await run('verify', '--all');
    expect(ended).toMatchObject({ exitCode: 1, stderr: '' });
    const lines = ended.stdout.trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(
        /^NOT SERVED {2}old\.fine\.test \(alice\): 127\.0\.0\.1:\d+ serves another certificate, for old\.fine\.test/,
      ),
      expect.stringMatching(
        /^NOT SERVED {2}lost\.fine\.test \(alice\): no site has this name with TLS; the default site at 127\.0\.0\.1:\d+ answers with the certificate of fine\.test\. Give the website a site with TLS that names .*lost\.fine\.test\/combined/,
      ),
      expect.stringMatching(
        /^note {8}no site with TLS has these names of fine\.test \(alice\): www\.fine\.test$/,
      ),
      '5 websites: 2 served, 2 not served, 1 without a certificate.',
    ]);
  });

  test('keeps what it saw, where status shows it', async () => {
    const served = new FileServedStore(built.tree);
    expect(await served.listUnproved()).toEqual(['lost.fine.test', 'old.fine.test']);
    const { stdout } = await run('status');
    expect(stdout).toMatch(/ fine\.test .* yes \(\d+m\) /);
    expect(stdout).toMatch(/ old\.fine\.test .* no: another certificate \(\d+m\) /);
    expect(stdout).toMatch(/ lost\.fine\.test .* no: another website's \(\d+m\) /);
    expect((await run('status', '--fail-on', 'failing')).exitCode).toBe(1);
    expect((await run('status', '--fail-on', 'failing', '--user', 'bob')).exitCode).toBe(0);
  });

  test('is content once the server was reloaded', async () => {
    rig.reload();
    // nginx changes its workers after the command has ended.
    while (
      servedFingerprint('127.0.0.1', port, 'old.fine.test') !== installedFingerprint(built, 'old.fine.test')
    ) {
      await pause(20);
    }
    const sites = await run('verify', 'old.fine.test', 'www.fine.test', '--json');
    expect(sites).toMatchObject({ exitCode: 0, stderr: '' });
    const document = JSON.parse(sites.stdout);
    expect(document).toMatchObject({
      schemaVersion: 1,
      leftOut: [],
      faults: [],
      isComplete: true,
      counts: { websites: 2, served: 2, notServed: 0, unknown: 0 },
    });
    for (const website of document.websites) {
      expect(website).toEqual({
        account: 'alice',
        website: expect.any(String),
        outcome: 'served',
        expected: expect.stringMatching(/^[0-9a-f]{64}$/),
        code: null,
        message: null,
        advice: null,
        places: [
          {
            name: website.website,
            address: '127.0.0.1',
            port: expect.any(Number),
            fingerprint: website.expected,
            names: [website.website, `www.${website.website}`],
            error: null,
          },
        ],
        namesWithoutSite: [`www.${website.website}`],
        publicAddresses: null,
        pointsHere: null,
      });
    }
    expect(await new FileServedStore(built.tree).listUnproved()).toEqual(['lost.fine.test']);
  });

  test('only one account is asked for', async () => {
    expect(await run('verify', '--user', 'bob')).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: '1 website: 1 served.\n',
    });
  });

  test('what it cannot know it says', async () => {
    const blind = aTree()
      .account('bob', { domain: 'bob.test' })
      .settings({
        trustAnchors: '/etc/roots.pem',
        webServer: { reloadCommand: 'true' },
        resolvers: ['127.0.0.1:1'],
      })
      .file('/etc/roots.pem', aRoot().certPem)
      .build();
    try {
      placeAgedSet(blind, {
        account: 'bob',
        vhost: 'bob.test',
        names: ['bob.test'],
        daysLeft: 50,
        provider: null,
      });
      const ended = await runBin('autossl', ['verify', '--all'], blind.root);
      expect(ended).toMatchObject({ exitCode: 1, stderr: '' });
      expect(ended.stdout).toMatch(
        /^unknown {5}bob\.test \(bob\): nobody can be asked: .*\n1 website: 0 served, 1 unknown\.\n$/,
      );
      expect(await new FileServedStore(blind.tree).read('bob.test')).toBeUndefined();
      writeFileSync(
        blind.path('/etc/autossl.yaml'),
        'webServer: { kind: none }\nresolvers: ["127.0.0.1:1"]\n',
      );
      const none = await runBin('autossl', ['verify', '--all'], blind.root);
      expect(none.exitCode).toBe(1);
      expect(none.stdout).toContain('no web server runs here, or none is named in /etc/autossl.yaml');
    } finally {
      await blind.cleanUp();
    }
  });

  test.each<[string[], string]>([
    [[], 'autossl: nothing to verify: give websites, --user NAME or --all'],
    [['--all', 'fine.test'], 'autossl: give either --all, or websites or --user NAME, not both'],
    [['--all', '--user', 'bob'], 'autossl: give either --all, or websites or --user NAME, not both'],
    [['nobody.test'], 'autossl: no account has a website “nobody.test”'],
    [['--user', 'nobody'], 'autossl: there is no user “nobody” on this server'],
  ])('%j is wrong usage', async (words, message) => {
    const { exitCode, stdout, stderr } = await run('verify', ...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
