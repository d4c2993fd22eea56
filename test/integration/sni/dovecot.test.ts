import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithParts } from '../../support/needs.js';
import { DovecotRig, shownBy } from '../../support/service-rigs.js';
import { codesOf, namesOfferedIn, SERVER_NAME, SniServer } from '../../support/sni-server.js';

describeWithParts(
  'Dovecot asked for names of customers',
  ['dovecot', 'dovecot-pop3', 'openssl', 'root'],
  () => {
    let server: SniServer;
    let rig: DovecotRig;
    let customer: string;
    const shown = (name: string | null): readonly (string | undefined)[] =>
      rig.ports.map((port) => shownBy(port, name));
    const everywhere = (leaf: string): readonly string[] => rig.ports.map(() => leaf);
    const include = (): string => readFileSync(server.path('dovecot.conf'), 'utf8');

    beforeAll(async () => {
      server = new SniServer();
      rig = new DovecotRig(server.root);
      await rig.configure(await server.placeOwn('dovecot'), `!include_try ${server.path('dovecot.conf')}`);
      server.writeSettings({ dovecot: rig.yaml() });
      await rig.start();
    });
    afterAll(async () => {
      await rig?.stop();
      server?.remove();
    });

    test('answers for a customer’s name with the customer’s certificate, by one reload', async () => {
      expect(shown('mail.customer.test')).toEqual(everywhere(server.ownLeaf));
      customer = await server.publish(['customer.test', 'mail.customer.test']);
      const { pid } = rig;
      expect(await server.offer()).toMatchObject([
        { code: 'NAMES_OFFERED', data: { names: 2, certificates: 1, isNamed: true } },
      ]);
      expect(shown('mail.customer.test')).toEqual(everywhere(customer));
      expect(shown('MAIL.customer.TEST')).toEqual(everywhere(customer));
      expect(rig.pid).toBe(pid);
    });

    test('is not asked anything while nothing changes', async () => {
      const reloads = (): number => readFileSync(`${rig.folder}/dovecot.log`, 'utf8').split('SIGHUP').length;
      const before = reloads();
      expect(await server.offer()).toEqual([]);
      expect(reloads()).toBe(before);
    });

    test.each([
      ['no name', null],
      ['its own name', SERVER_NAME],
      ['a name that nobody has', 'mail.other.test'],
      ['a path', '../../../etc/shadow'],
      ['words of a configuration', 'mail.customer.test" { ssl = no'],
      ['a name of 250 bytes', `${'a'.repeat(60)}.${'a'.repeat(60)}.${'a'.repeat(60)}.${'a'.repeat(60)}.test`],
      ['a name with a final dot', 'mail.customer.test.'],
    ])('answers with the server’s own certificate to a client that asks for %s', (_, name) => {
      expect(shown(name)).toEqual(everywhere(server.ownLeaf));
    });

    test('answers for whatever one label makes of a wildcard, but for a name that has its own', async () => {
      const wildcard = await server.publish(['*.customer.test']);
      await server.offer();
      expect(shown('shop.customer.test')).toEqual(everywhere(wildcard));
      expect(shown('mail.customer.test')).toEqual(everywhere(customer));
      expect(shown('a.shop.customer.test')).toEqual(everywhere(server.ownLeaf));
    });

    test('never gives its own name to a customer, not even by a wildcard above it', async () => {
      await server.publish([SERVER_NAME, 'www.mail.host.test']);
      await server.publish(['*.host.test']);
      await server.offer();
      expect(shown(SERVER_NAME)).toEqual(everywhere(server.ownLeaf));
    });

    test('shows a renewed certificate', async () => {
      customer = await server.publish(['customer.test', 'mail.customer.test']);
      await server.offer();
      expect(shown('mail.customer.test')).toEqual(everywhere(customer));
    });

    test('keeps what it had when its test refuses the new table: one fault, and the next run tries again', async () => {
      const before = include();
      const renewed = await server.publish(['customer.test', 'mail.customer.test']);
      writeFileSync(`${server.root}/former`, before);
      const isFormer = ['cmp', '-s', server.path('dovecot.conf'), `${server.root}/former`];
      server.writeSettings({ dovecot: { ...rig.yaml(), testCommand: isFormer } });
      expect(await server.offer()).toMatchObject([{ code: 'NAMES_REFUSED', type: 'error', fault: 'ours' }]);
      expect(include()).toBe(before);
      expect(existsSync(server.path('dovecot.conf.former'))).toBe(false);
      expect(shown('mail.customer.test')).toEqual(everywhere(customer));
      server.writeSettings({ dovecot: rig.yaml() });
      expect(codesOf(await server.offer())).toEqual(['NAMES_OFFERED']);
      expect(shown('mail.customer.test')).toEqual(everywhere(renewed));
      customer = renewed;
    });

    test('is left alone when somebody broke its configuration, and has the rest when that is mended', async () => {
      const config = readFileSync(rig.configFile, 'utf8');
      const before = include();
      writeFileSync(rig.configFile, `${config}no_such_setting = 1\n`);
      const renewed = await server.publish(['customer.test', 'mail.customer.test']);
      expect(await server.offer()).toMatchObject([{ code: 'NAMES_HELD', type: 'error', fault: 'ours' }]);
      expect(include()).toBe(before);
      expect(shown('mail.customer.test')).toEqual(everywhere(customer));
      writeFileSync(rig.configFile, config);
      await server.offer();
      expect(shown('mail.customer.test')).toEqual(everywhere(renewed));
      customer = renewed;
    });

    test('has what a crash left put back before anything is tested', async () => {
      const before = include();
      writeFileSync(server.path('dovecot.conf.former'), before, { mode: 0o600 });
      writeFileSync(server.path('dovecot.conf'), 'this is no configuration {\n');
      expect(codesOf(await server.offer())).toEqual(['NAMES_OFFERED']);
      expect(include()).toBe(before);
      expect(shown('mail.customer.test')).toEqual(everywhere(customer));
    });

    test('withdraws a certificate with its website', async () => {
      for (const vhost of ['customer.test', '*.customer.test', '*.host.test', SERVER_NAME])
        await server.withdraw(vhost);
      await server.offer();
      expect(shown('mail.customer.test')).toEqual(everywhere(server.ownLeaf));
      expect(include()).not.toContain('local_name');
    });

    test('answers for 1,000 names, and can be started with them', async () => {
      const leaves: string[] = [];
      for (let website = 0; website < 200; website += 1) {
        const names = ['', 'www.', 'mail.', 'ftp.', 'shop.'].map((label) => `${label}c${website}.test`);
        leaves.push(await server.publish(names));
      }
      expect(namesOfferedIn(await server.offer())).toBeGreaterThanOrEqual(1000);

      for (const website of [0, 99, 199])
        expect(shown(`mail.c${website}.test`)).toEqual(everywhere(leaves[website] ?? ''));
      await rig.stop();
      await rig.start();
      expect(shown('ftp.c150.test')).toEqual(everywhere(leaves[150] ?? ''));
      expect(shown('mail.other.test')).toEqual(everywhere(server.ownLeaf));
      expect(await server.offer()).toEqual([]);
    });
  },
);
