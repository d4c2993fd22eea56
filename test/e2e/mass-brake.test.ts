import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PATHS } from '../support/acme-proxy.js';
import { placeAgedSet } from '../support/aged-set.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { faultsOf } from '../support/installed-set.js';
import { describeWithParts } from '../support/needs.js';
import { aRoot } from '../support/pki.js';

const HOUR_MS = 3_600_000;
/** The brake lets twenty go. */
const WEBSITES = 25;

describeWithParts('a server on which something is very wrong', ['pebble', 'openssl'], () => {
  let site: CaSite;
  let hosted: HostedTree;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
    const roots = (await site.pebble.root()) + aRoot().certPem;
    const subs = Array.from({ length: WEBSITES - 1 }, (_, index) => `s${index}.brake.test`);
    hosted = await site.host(
      { alice: { domain: 'brake.test', subs, keyType: 'ecdsa-prime256v1' } },
      { furnish: (builder) => builder.file('/etc/ssl/roots.pem', roots) },
    );
    expect(await site.choose(hosted)).toMatchObject({ exitCode: 0 });
    for (const [vhost, names] of hosted.names)
      placeAgedSet(hosted, { vhost, account: 'alice', names, daysLeft: 60, provider: 'CustomACME' });
    expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
  });
  afterAll(async () => site?.stop());

  /** The one line that a run ends with which may not go on. */
  async function lineOfRefusal(): Promise<string> {
    const asked = site.proxy.newOrders();
    const { exitCode, stdout, stderr } = await hosted.run('autossl_check', '--all');
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(site.proxy.newOrders()).toBe(asked);
    return stderr;
  }

  describe('whose folder of certificates is gone, as if it were not mounted', () => {
    const aside = (): string => hosted.path('/var/cpanel/ssl/aside');
    const folder = (): string => hosted.path('/var/cpanel/ssl/apache_tls');

    test('orders nothing, puts nothing where the folder was, and says so in one line', async () => {
      renameSync(folder(), aside());
      const line = await lineOfRefusal();
      expect(line).toContain('/var/cpanel/ssl/apache_tls is empty or gone');
      expect(line).toContain('--yes-really');
      expect(existsSync(folder()) ? readdirSync(folder()) : []).toEqual([]);
    });

    test('says it again in the next night, when the bare mount point is there', async () => {
      mkdirSync(folder(), { recursive: true });
      expect(await lineOfRefusal()).toContain('--yes-really');
      expect(readdirSync(folder())).toEqual([]);
    });

    test('says it when all of it is gone, with what is known of it, and when one user is asked for', async () => {
      rmdirSync(folder());
      const whole = hosted.path('/var/cpanel/ssl');
      renameSync(whole, `${whole}.away`);
      expect(await lineOfRefusal()).toContain('/var/cpanel/ssl/autossl/issued is empty or gone');
      expect(await hosted.run('autossl_check', '--user=alice')).toMatchObject({ exitCode: 3, stdout: '' });
      expect(existsSync(whole)).toBe(false);
      renameSync(`${whole}.away`, whole);
      mkdirSync(folder());
    });

    test('goes on when it is back', async () => {
      rmdirSync(folder());
      renameSync(aside(), folder());
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({
        exitCode: 0,
        stdout: `${WEBSITES} websites of 1 user checked: nothing to do.\n`,
      });
    });
  });

  describe('whose clock is two hours off the CA’s', () => {
    const due = 's7.brake.test';
    const names = (): readonly string[] => hosted.names.get(due) ?? [];

    test.each([
      ['behind', 2],
      ['before', -2],
    ])('orders nothing when it is %s, and says so in one line', async (_, hours) => {
      placeAgedSet(hosted, {
        vhost: due,
        account: 'alice',
        names: names(),
        daysLeft: 10,
        provider: 'CustomACME',
      });
      const value = new Date(Date.now() + hours * HOUR_MS).toUTCString();
      site.proxy.fault(PATHS.directory, { kind: 'date', value });
      expect(await lineOfRefusal()).toMatch(/clock/);
    });

    test('renews what is due when it is right again', async () => {
      const asked = site.proxy.newOrders();
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(site.proxy.newOrders()).toBe(asked + 1);
      expect(faultsOf(hosted, due, names(), hosted.path('/etc/ssl/roots.pem'))).toEqual([]);
    });
  });
});
