import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  openServiceCertificates,
  servicePemPath,
} from '../../src/adapters/store/services/service-certificates.js';
import { systemClock } from '../../src/adapters/system/clock.js';
import { readGroupId } from '../../src/adapters/system/passwd.js';
import { SERVER_OWNER } from '../../src/core/domain/account/hostname-owner.js';
import { parseDomainName } from '../../src/core/domain/name/names.js';
import type { SniReport } from '../../src/core/report/sni/sni-report.js';
import { installedFingerprint, placeAgedSet } from '../support/aged-set.js';
import { buildPrograms } from '../support/bin-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { HostingServer } from '../support/hosting-server.js';
import { describeWithParts } from '../support/needs.js';
import { DovecotRig, EximRig, type ServiceRig, type ServiceYaml, shownBy } from '../support/service-rigs.js';
import { validCertificate } from '../support/sni-server.js';

/** A few orders and runs on a busy machine with two cores. */
const LONGEST_MS = 300_000;
const HOSTNAME = parseDomainName('host.sni.test');

describeWithParts(
  'mail for the names of customers',
  ['nginx', 'pebble', 'exim', 'dovecot', 'dovecot-pop3', 'openssl', 'root'],
  () => {
    let ca: HostingCa;
    let hosting: HostingServer;
    let exim: EximRig;
    let dovecot: DovecotRig;
    const own = new Map<ServiceRig, string>();

    const rigIn = <T>(name: string, Rig: new (root: string) => T): T => {
      const folder = hosting.built.path(`/opt/${name}`);
      mkdirSync(folder, { recursive: true });
      return new Rig(folder);
    };
    const configure = (services: Readonly<Record<string, ServiceYaml>> = {}): void =>
      hosting.configure({ services: { exim: exim.yaml(), dovecot: dovecot.yaml(), ...services } });
    const linesOf = async (service: string): Promise<readonly string[]> => {
      const { stdout } = await hosting.run('autossl', 'sni', '--update', '--json');
      const { daemons }: SniReport = JSON.parse(stdout);
      return daemons.find((one) => one.service === service)?.configuration.lines ?? [];
    };
    /** What is shown to who asks for the name, once for each daemon whose ports all agree. */
    const shown = (name: string | null): readonly (string | undefined)[] =>
      [exim, dovecot].map((rig) => {
        const leaves = new Set(rig.ports.map((port) => shownBy(port, name)));
        return leaves.size === 1 ? [...leaves][0] : 'they differ';
      });
    const isOwn = (): readonly (string | undefined)[] => [own.get(exim), own.get(dovecot)];
    const lying = (account: string): readonly string[] => {
      const leaf = installedFingerprint(hosting.built, `${account}.sni.test`);
      return [leaf, leaf];
    };
    const placeOwn = async (service: 'exim' | 'dovecot', keyGroup: number | null): Promise<string> => {
      const { tree } = hosting.built;
      const store = openServiceCertificates({ tree, service, clock: systemClock, keyGroup });
      const { keyPem, chainPem } = validCertificate([HOSTNAME]);
      await store.publish({ website: { account: SERVER_OWNER, vhost: HOSTNAME }, keyPem, chainPem });
      return servicePemPath(tree, service);
    };
    const check = async (): Promise<{
      readonly exitCode: number | null;
      readonly codes: readonly string[];
    }> => {
      const { exitCode, stdout } = await hosting.run('autossl_check', '--all', '--json');
      const { log, faults } = JSON.parse(stdout);
      expect(existsSync(join(hosting.built.tree.logs(), log))).toBe(true);
      return { exitCode, codes: faults.map(({ code }: { code: string }) => code) };
    };
    const age = (account: string): string => {
      const vhost = `${account}.sni.test`;
      const names = [vhost, `www.${vhost}`, `mail.${vhost}`];
      return placeAgedSet(hosting.built, { vhost, account, names, daysLeft: 2, provider: 'CustomACME' });
    };

    beforeAll(async () => {
      buildPrograms();
      ca = await startHostingCa();
      hosting = await HostingServer.open(ca, { label: 'sni', nginx: { accounts: { alice: 1, bob: 1 } } });
      hosting.built.write('/etc/hostname', `${HOSTNAME}\n`);
      exim = rigIn('exim', EximRig);
      dovecot = rigIn('dovecot', DovecotRig);
      const pems = [
        await placeOwn('exim', (await readGroupId(hosting.built.tree, 'Debian-exim')) ?? null),
        await placeOwn('dovecot', null),
      ] as const;
      // As somebody sets them up who knows nothing of customers' names yet.
      await exim.configure(pems[0]);
      await dovecot.configure(pems[1]);
      configure();
      await exim.configure(pems[0], (await linesOf('exim'))[0]?.replace('tls_certificate = ', ''));
      await dovecot.configure(pems[1], (await linesOf('dovecot')).join('\n'));
      await exim.start();
      await dovecot.start();
      for (const rig of [exim, dovecot]) {
        const [port] = rig.ports;
        own.set(rig, (port && shownBy(port, null)) ?? '');
      }
    }, LONGEST_MS);
    afterAll(async () => {
      await exim?.stop();
      await dovecot?.stop();
      await hosting?.stop();
      await ca?.stop();
    });

    test('is answered with the server’s own certificate before they have any', () => {
      expect(shown('mail.alice.sni.test')).toEqual(isOwn());
      expect(own.get(exim)).toMatch(/^[0-9a-f]{64}$/);
    });

    test('is answered with theirs after the run that got them, by SMTP, IMAP and POP3', async () => {
      expect(await check()).toEqual({ exitCode: 0, codes: [] });
      for (const account of ['alice', 'bob']) {
        expect(shown(`mail.${account}.sni.test`)).toEqual(lying(account));
        expect(shown(`${account}.sni.test`)).toEqual(lying(account));
      }
      for (const name of [null, HOSTNAME, 'mail.carol.sni.test'])
        expect([name, shown(name)]).toEqual([name, isOwn()]);
    });

    test('is told by “autossl sni” to be in order, without lines that are there already', async () => {
      const { exitCode, stdout } = await hosting.run('autossl', 'sni');
      expect(exitCode).toBe(0);
      expect(stdout).toContain('Exim (exim): answers for them.');
      expect(stdout).toContain('Dovecot (dovecot): answers for them.');
      expect(stdout).not.toContain('Add ');
    });

    test('a renewed certificate is theirs at once; a daemon that refuses it keeps the former: exit 1, the website is done', async () => {
      const [before] = lying('alice');
      age('alice');
      const former = hosting.built.path('/opt/former');
      const include = join(hosting.built.tree.sni(), 'dovecot.conf');
      hosting.built.write('/opt/former', readFileSync(include, 'utf8'));
      configure({ dovecot: { ...dovecot.yaml(), testCommand: ['cmp', '-s', include, former] } });
      expect(await check()).toEqual({ exitCode: 1, codes: expect.arrayContaining(['NAMES_REFUSED']) });
      const [now] = lying('alice');
      expect(now).not.toBe(before);
      expect((await hosting.shown()).get('alice.sni.test')).toBe(now);
      expect(shown('mail.alice.sni.test')).toEqual([now, before]);
      configure();
      expect(await check()).toEqual({ exitCode: 0, codes: [] });
      expect(shown('mail.alice.sni.test')).toEqual([now, now]);
    });

    test('a certificate that is rolled back is so for mail too', async () => {
      age('bob');
      await check();
      const [renewed] = lying('bob');
      const { exitCode } = await hosting.run('autossl', 'rollback', 'bob.sni.test');
      expect(exitCode).toBe(0);
      expect(lying('bob')[0]).not.toBe(renewed);
      expect(shown('mail.bob.sni.test')).toEqual(lying('bob'));
    });

    test('a run that changes nothing reloads no daemon', async () => {
      const log = join(dovecot.folder, 'dovecot.log');
      const before = readFileSync(log, 'utf8').split('SIGHUP').length;
      expect(await check()).toEqual({ exitCode: 0, codes: [] });
      expect(readFileSync(log, 'utf8').split('SIGHUP').length).toBe(before);
    });

    test('a name whose copy is gone is answered for no more after the next run', async () => {
      rmSync(hosting.built.tree.domainTls(parseDomainName('mail.alice.sni.test')), { recursive: true });
      await check();
      expect(shown('mail.alice.sni.test')).toEqual(isOwn());
      expect(shown('alice.sni.test')).toEqual(lying('alice'));
    });
  },
);
