import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Daemon, startDaemon } from '../../support/daemons.js';
import { describeWithParts } from '../../support/needs.js';
import { programPath } from '../../support/parts.js';
import { PureFtpdRig, shownBy } from '../../support/service-rigs.js';
import { codesOf, SERVER_NAME, SniServer } from '../../support/sni-server.js';

describeWithParts('Pure-FTPd asked for names of customers', ['pure-ftpd', 'openssl', 'root'], () => {
  let server: SniServer;
  let rig: PureFtpdRig;
  let certd: Daemon;
  let customer: string;
  const shown = (name: string | null): string | undefined => {
    const [port] = rig.ports;
    return port === undefined ? undefined : shownBy(port, name);
  };

  beforeAll(async () => {
    server = new SniServer();
    rig = new PureFtpdRig(server.root);
    const socket = join(server.root, 'certd.sock');
    await rig.configure(await server.placeOwn('ftp'), ['-3', socket]);
    server.writeSettings({ ftp: rig.yaml() });
    await server.offer();
    const words = ['-s', socket, '-p', join(server.root, 'certd.pid'), '-r', server.path('pure-certd')];
    const isReady = async (): Promise<boolean> => existsSync(socket);
    certd = await startDaemon(programPath('pure-certd'), words, { isReady });
    await rig.start();
  });
  afterAll(async () => {
    await rig?.stop();
    await certd?.stop();
    server?.remove();
  });

  test('answers for a customer’s name with the customer’s certificate, without a restart', async () => {
    expect(shown('ftp.customer.test')).toBe(server.ownLeaf);
    customer = await server.publish(['customer.test', 'ftp.customer.test', '*.shop.customer.test']);
    const { pid } = rig;
    expect(codesOf(await server.offer())).toEqual(['NAMES_OFFERED']);
    for (const name of ['customer.test', 'ftp.customer.test', 'FTP.Customer.Test', 'a.shop.customer.test'])
      expect([name, shown(name)]).toEqual([name, customer]);
    expect(rig.pid).toBe(pid);
  });

  test.each([
    ['no name', null],
    ['its own name', SERVER_NAME],
    ['a name that nobody has', 'ftp.other.test'],
    ['a path', '../../../etc/shadow'],
    ['a command', '`id`.test'],
  ])('answers with the server’s own certificate to a client that asks for %s', (_, name) => {
    expect(shown(name)).toBe(server.ownLeaf);
  });

  test('shows a renewed certificate, and none of a website that is gone', async () => {
    customer = await server.publish(['customer.test', 'ftp.customer.test']);
    await server.offer();
    expect(shown('ftp.customer.test')).toBe(customer);
    await server.withdraw('customer.test');
    await server.offer();
    expect(shown('ftp.customer.test')).toBe(server.ownLeaf);
  });

  describe('by the program that pure-certd runs as root', () => {
    const DEFAULT = 'action:default\nend\n';
    const answer = (name: string | undefined): string =>
      execFileSync(server.path('pure-certd'), {
        encoding: 'utf8',
        env: name === undefined ? {} : { CERTD_SNI_NAME: name },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    const fileOf = (name: string): string =>
      `action:fallback\ncert_file:${server.path('ftp')}/${name}\nend\n`;
    const LABEL = 'a'.repeat(61);

    beforeAll(async () => {
      await server.publish(['customer.test', 'ftp.customer.test', '*.shop.customer.test']);
      await server.offer();
    });

    test.each([
      ['ftp.customer.test', 'ftp.customer.test'],
      ['FTP.Customer.TEST.', 'ftp.customer.test'],
      ['a.shop.customer.test', '_wildcard_.shop.customer.test'],
    ])('names a file for %s', (name, file) => {
      expect(answer(name)).toBe(fileOf(file));
    });

    test.each([
      ['nothing', undefined],
      ['an empty name', ''],
      ['a single label', 'customer'],
      ['a single label with a dot', 'test.'],
      ['a dot', '.'],
      ['two dots', '..'],
      ['a path', '../../../etc/shadow'],
      ['a path within the folder', 'x/../ftp.customer.test'],
      ['a name with a line after it', 'ftp.customer.test\ncert_file:/etc/shadow'],
      ['a name with a line end', 'ftp.customer.test\n'],
      ['a command', '$(id).test'],
      ['a command in backticks', '`id`.test'],
      ['a list of commands', 'a.test; touch /tmp/x'],
      ['a pattern', '*.customer.test'],
      ['a set of letters', 'ft[p].customer.test'],
      ['how wildcards are written here', '_wildcard_.shop.customer.test'],
      ['an option', '-n.test'],
      ['a name below a wildcard’s children', 'a.b.shop.customer.test'],
      ['a name with two final dots', 'ftp.customer.test..'],
      ['a name with letters of another script', 'ftp.cüstomer.test'],
      ['a name of 300 bytes', `${LABEL}.${LABEL}.${LABEL}.${LABEL}.${LABEL}.test`],
      ['a name of 300 capitals', `${LABEL}.${LABEL}.${LABEL}.${LABEL}.${LABEL}.TEST`],
    ])('names none for %s', (_, name) => {
      expect(answer(name)).toBe(DEFAULT);
    });

    test('may be read and run by root alone', () => {
      expect(statSync(server.path('pure-certd')).mode & 0o7777).toBe(0o700);
      expect(statSync(server.path('ftp')).mode & 0o7777).toBe(0o700);
    });
  });
});
