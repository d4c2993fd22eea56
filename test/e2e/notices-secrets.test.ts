import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { describeWithParts } from '../support/needs.js';

const LONGEST_MS = 240_000;

describeWithParts('a run whose mail has no password', ['pebble', 'openssl', 'root'], () => {
  let site: CaSite;
  let hosted: HostedTree;

  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
    const smtp = { host: 'mail.test', user: 'autossl', password: 'file:/etc/autossl/smtp' };
    const accounts = { shop: { domain: 'shop.test', contactEmail: 'me@shop.test' } } as const;
    hosted = await site.host(accounts, { settings: { notices: { smtp } } });
    expect(await site.choose(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
  }, LONGEST_MS);
  afterAll(() => site?.stop());

  test(
    'issues all the same, and says in its log that messages wait',
    async () => {
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0 });
      expect(existsSync(hosted.path('/var/cpanel/ssl/apache_tls/shop.test/combined'))).toBe(true);
      expect((await hosted.run('autossl', 'log')).stdout).toMatch(
        /Messages by SMTP mail\.test:587 cannot be delivered, and wait: .*there is no such file/,
      );
      expect(await hosted.run('autossl', 'status')).toMatchObject({ exitCode: 0 });
      expect((await hosted.run('autossl', 'notify', 'list')).stdout).toContain('cannot be used');
    },
    LONGEST_MS,
  );
});
