import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eximCertificate } from '../../../src/core/sni/exim-certificate.js';
import { describeWithParts } from '../../support/needs.js';
import { canRead, EximRig, shownBy } from '../../support/service-rigs.js';
import { codesOf, namesOfferedIn, SERVER_NAME, SniServer } from '../../support/sni-server.js';

const LABEL = 'a'.repeat(60);

describeWithParts('Exim asked for names of customers', ['exim', 'openssl', 'root'], () => {
  let server: SniServer;
  let rig: EximRig;
  let customer: string;
  const shown = (name: string | null): readonly (string | undefined)[] =>
    rig.ports.map((port) => shownBy(port, name));
  const everywhere = (leaf: string): readonly string[] => rig.ports.map(() => leaf);

  beforeAll(async () => {
    server = new SniServer();
    rig = new EximRig(server.root);
    const pem = await server.placeOwn('exim', 'Debian-exim');
    await rig.configure(pem, eximCertificate(server.path('exim'), pem));
    server.writeSettings({ exim: rig.yaml() });
    await server.offer();
    await rig.start();
  });
  afterAll(async () => {
    await rig?.stop();
    server?.remove();
  });

  test('answers with the server’s own certificate while no customer has any', () => {
    expect(shown('mail.customer.test')).toEqual(everywhere(server.ownLeaf));
    expect(shown(null)).toEqual(everywhere(server.ownLeaf));
  });

  test('answers for a customer’s name with the customer’s certificate, at once and without a signal', async () => {
    customer = await server.publish(['customer.test', 'mail.customer.test', 'xn--mnchen-3ya.test']);
    const { pid } = rig;
    expect(codesOf(await server.offer())).toEqual(['NAMES_OFFERED']);
    for (const name of ['mail.customer.test', 'customer.test', 'MAIL.Customer.TEST', 'mail.customer.test.'])
      expect([name, shown(name)]).toEqual([name, everywhere(customer)]);
    expect(rig.pid).toBe(pid);
  });

  test.each([
    ['no name', null],
    ['its own name', SERVER_NAME],
    ['a name that nobody has', 'mail.other.test'],
    ['a name below that of a customer', 'a.mail.customer.test'],
    ['a single label', 'customer'],
    ['dots alone', '..'],
    ['a name that begins with a hyphen', '-customer.test'],
    ['a name of 200 bytes', `${LABEL}.${LABEL}.${LABEL}.customer.test`],
    ['a name of 250 bytes', `a.${LABEL}.${LABEL}.${LABEL}.${LABEL}.test`],
  ])('answers with the server’s own certificate to a client that asks for %s', (_, name) => {
    expect(shown(name)).toEqual(everywhere(server.ownLeaf));
  });

  test('gives no customer’s certificate to one that asks for no name at all, and goes on', () => {
    const hostile = [
      '../../../etc/shadow',
      '../ftp/mail.customer.test',
      '_wildcard_.customer.test',
      `a\${run}`,
    ];
    for (const name of hostile) expect([customer, server.ownLeaf, undefined]).toContain(shown(name)[0]);
    expect(shown('../pairs/x')).not.toContain(customer);
    expect(shown('mail.customer.test')).toEqual(everywhere(customer));
    const { length } = readFileSync(`${rig.folder}/log/mainlog`, 'utf8').split('\n');
    expect(length).toBeLessThan(60);
    expect(readFileSync(`${rig.folder}/log/mainlog`, 'utf8')).not.toContain('expan');
  });

  test('answers for whatever one label makes of a wildcard, but for a name that has its own', async () => {
    const wildcard = await server.publish(['*.customer.test']);
    await server.offer();
    expect(shown('shop.customer.test')).toEqual(everywhere(wildcard));
    expect(shown('a.shop.customer.test')).toEqual(everywhere(server.ownLeaf));
    expect(shown('mail.customer.test')).toEqual(everywhere(customer));
  });

  test('never gives its own name to a customer, not even by a wildcard above it', async () => {
    await server.publish([SERVER_NAME, 'www.mail.host.test']);
    const wildcard = await server.publish(['*.host.test']);
    await server.offer();
    expect(shown(SERVER_NAME)).toEqual(everywhere(server.ownLeaf));
    expect(shown('smtp.host.test')).toEqual(everywhere(wildcard));
    expect(shown('other.host.test')).toEqual(everywhere(server.ownLeaf));
  });

  test('shows a renewed certificate', async () => {
    customer = await server.publish(['customer.test', 'mail.customer.test']);
    await server.offer();
    expect(shown('mail.customer.test')).toEqual(everywhere(customer));
  });

  test('lets nobody but Exim read the keys', () => {
    const links = execFileSync('ls', [server.path('exim')], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const file = `${server.path('exim')}/${links[0]}`;
    expect(['Debian-exim', 'nobody', 'www-data'].map((user) => canRead(user, file))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('withdraws a certificate with its website, and with it the key', async () => {
    const before = execFileSync('ls', [server.path('pairs')], { encoding: 'utf8' })
      .trim()
      .split('\n').length;
    await server.withdraw('customer.test');
    await server.withdraw('*.customer.test');
    await server.offer();
    expect(shown('mail.customer.test')).toEqual(everywhere(server.ownLeaf));
    const now = execFileSync('ls', [server.path('pairs')], { encoding: 'utf8' })
      .trim()
      .split('\n').length;
    expect(now).toBeLessThan(before);
  });

  test('is left without names when no group may read keys, and says nothing to its clients about it', async () => {
    customer = await server.publish(['customer.test', 'mail.customer.test']);
    await server.offer();
    expect(shown('mail.customer.test')).toEqual(everywhere(customer));
    const { keyGroup: _, ...closed } = rig.yaml();
    server.writeSettings({ exim: closed });
    await server.offer();
    expect(shown('mail.customer.test')).toEqual(everywhere(server.ownLeaf));
    server.writeSettings({ exim: { ...rig.yaml(), sni: false } });
    await server.offer();
    expect(shown('mail.customer.test')).toEqual(everywhere(server.ownLeaf));
    server.writeSettings({ exim: rig.yaml() });
    await server.offer();
    expect(shown('mail.customer.test')).toEqual(everywhere(customer));
  });

  test('answers for 1,000 names', async () => {
    const leaves: string[] = [];
    for (let website = 0; website < 200; website += 1) {
      const names = ['', 'www.', 'mail.', 'ftp.', 'shop.'].map((label) => `${label}c${website}.test`);
      leaves.push(await server.publish(names));
    }
    expect(namesOfferedIn(await server.offer())).toBeGreaterThanOrEqual(1000);
    for (const website of [0, 99, 199])
      expect(shown(`mail.c${website}.test`)).toEqual(everywhere(leaves[website] ?? ''));
    expect(shown('mail.other.test')).toEqual(everywhere(server.ownLeaf));
    expect(await server.offer()).toEqual([]);
  });
});
