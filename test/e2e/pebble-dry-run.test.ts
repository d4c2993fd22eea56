import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PATHS, startAcmeProxy } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, PEBBLE_TERMS, startCaSite } from '../support/ca-site.js';
import { describeWithParts } from '../support/needs.js';
import { aCertificate } from '../support/pki.js';
import { lastRecords } from '../support/run-logs.js';

const DAY_MS = 86_400_000;

describeWithParts('a dry run', ['pebble', 'openssl'], () => {
  let site: CaSite;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
  });
  afterAll(async () => site?.stop());

  /** New, weak, foreign, excluded, unresolved, suspended, broken: something of everything. */
  async function aVariedServer(): Promise<HostedTree> {
    const now = Date.now();
    const weak = aCertificate({ names: ['weak.test'], keyType: 'rsa-1024', issuer: 'self' });
    const foreign = aCertificate({
      names: ['foreign.test'],
      notBefore: new Date(now - DAY_MS),
      notAfter: new Date(now + 100 * DAY_MS),
    });
    const hosted = await site.host(
      {
        alice: { domain: 'new.test', addons: ['shop.test'], aliases: ['gone.test'] },
        bob: { domain: 'weak.test', keyType: 'ecdsa-prime256v1', exclude: ['mail.weak.test'] },
        carol: { domain: 'foreign.test', subs: ['*.foreign.test'] },
        dave: { domain: 'suspended.test', suspended: true },
        erin: { domain: 'broken.test' },
      },
      {
        furnish: (builder) =>
          builder.combined('weak.test', weak.combined).combined('foreign.test', foreign.combined),
      },
    );
    for (const name of ['gone.test', 'www.gone.test', 'mail.gone.test']) site.dns.zones.delete(name);
    writeFileSync(hosted.path('/var/cpanel/userdata/erin/main'), ': nothing\n  - of: use\n');
    return hosted;
  }

  describe('--dry-run', () => {
    test('gives the plan that the real run logs first, and changes nothing at all', async () => {
      const hosted = await aVariedServer();
      await site.choose(hosted);
      const before = hashesBelow(hosted.root);
      site.proxy.clear();
      const requests = site.web.requests.length;
      const dry = await hosted.run('autossl_check', '--all', '--dry-run', '--json');
      expect(hashesBelow(hosted.root)).toEqual(before);
      expect(site.proxy.requests).toEqual([]);
      expect(site.web.requests).toHaveLength(requests);
      const again = await hosted.run('autossl_check', '--all', '--dry-run', '--json');
      expect(again).toEqual(dry);

      const { plan, exitCode } = JSON.parse(dry.stdout);
      expect(dry).toMatchObject({ exitCode: 1, stderr: '' });
      expect(exitCode).toBe(1);
      expect(plan.actions.map(({ vhost }: { vhost: string }) => vhost)).toEqual([
        'new.test',
        'shop.new.test',
        'weak.test',
      ]);
      const real = await hosted.run('autossl_check', '--all', '--json');
      const records = lastRecords(hosted);
      const first = records.findIndex(({ code }) => code === 'PLAN');
      const planned = records.slice(first + 1, first + 1 + plan.actions.length);
      expect({ ...records[first]?.data, actions: planned.map(({ data }) => data) }).toEqual(plan);
      expect(planned.map(({ code }) => code)).toEqual(plan.actions.map(() => 'PLANNED'));
      expect(records.filter(({ code }) => code === 'PLANNED')).toHaveLength(plan.actions.length);
      expect(JSON.parse(real.stdout).counts).toMatchObject(plan.counts);
      expect(plan.counts.foreign).toBe(1);
    });

    test('says in plain words what is planned and what is broken', async () => {
      const hosted = await aVariedServer();
      await site.choose(hosted);
      const { exitCode, stdout, stderr } = await hosted.run('autossl_check', '--all', '--dry-run');
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
      const lines = stdout.trimEnd().split('\n');
      // Nobody edits zones here: that is its owner's to know, at every run.
      expect(lines[0]).toMatch(
        /^owner {2}carol {2}“\*\.foreign\.test” is not ordered: a wildcard is validated by DNS/,
      );
      expect(lines[1]).toMatch(/^FAULT {2}erin {2}User “erin”: .*userdata\/erin\/main: it is not valid YAML/);
      expect(lines[2]).toBe('request     new.test (alice): CERTIFICATE_ABSENT');
      expect(lines.at(-1)).toBe('5 websites of 4 users: 3 actions planned, 2 kept.');
    });

    test('needs neither the CA nor the lock of a run that is under way', async () => {
      const accounts = { alice: { domain: 'busy.test', keyType: 'ecdsa-prime256v1' } } as const;
      // The run under way would place one, and the next forecast see it.
      const hosted = await site.host(accounts, { settings: { placeholders: false } });
      const proxy = await startAcmeProxy(site.pebble);
      const own = hosted.path('/etc/ssl/ca-transport.pem');
      const chosen = await hosted.run(
        'autossl',
        ...['provider', 'use', 'CustomACME', '--directory', proxy.directoryUrl],
        ...['--ca-bundle', own, '--accept-terms', PEBBLE_TERMS],
      );
      expect(chosen).toMatchObject({ exitCode: 0 });
      const forecast = await hosted.run('autossl_check', '--all', '--dry-run', '--json');
      proxy.fault(PATHS.newOrder, { kind: 'hang' });
      const run = hosted.run('autossl_check', '--all');
      try {
        await until(() => proxy.newOrders() > 0);
        const refused = await hosted.run('autossl_check', '--all');
        expect(refused).toMatchObject({ exitCode: 75, stdout: '' });
        expect(refused.stderr).toMatch(/^autossl_check: another run is under way: process \d+, started .*Z/);
        expect(await hosted.run('autossl_check', '--all', '--dry-run', '--json')).toEqual(forecast);
      } finally {
        await proxy.close();
      }
      const ended = await run;
      expect(ended.exitCode).toBe(1);
      expect(ended.stderr).toBe('');
      expect(ended.stdout).toMatch(/^FAULT {2}alice {2}“busy\.test”: /);
      expect(await hosted.run('autossl_check', '--all', '--dry-run', '--json')).toMatchObject({
        exitCode: 0,
      });
    });
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(20);
}

/** Everything below a folder: kind, mode, owner, name, contents; and when files were written. */
function hashesBelow(folder: string, prefix = ''): readonly string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const facts = lstatSync(path, { bigint: true });
      const line = `${prefix}${name} ${facts.mode.toString(8)} ${facts.uid}:${facts.gid}`;
      if (facts.isDirectory()) return [`${line} ${facts.mtimeNs}`, ...hashesBelow(path, `${prefix}${name}/`)];
      if (facts.isSymbolicLink()) return [`${line} -> ${readlinkSync(path)}`];
      return [`${line} ${facts.mtimeNs} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`];
    });
}
