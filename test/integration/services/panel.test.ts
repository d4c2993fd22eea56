import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { servicePemPath } from '../../../src/adapters/store/services/service-certificates.js';
import { describeWithParts } from '../../support/needs.js';
import { freePort } from '../../support/ports.js';
import { scratchTree } from '../../support/scratch.js';
import { NginxRig } from '../../support/server-rigs.js';
import { aHostCertificate, HOSTNAME, ServiceUnderTest } from '../../support/service-install.js';
import { canRead, shownBy } from '../../support/service-rigs.js';

describeWithParts('a panel behind nginx', ['nginx', 'openssl', 'root'], () => {
  let rig: NginxRig;
  let scratch: ReturnType<typeof scratchTree>;
  let service: ServiceUnderTest;
  let port: number;
  let made = aHostCertificate({ issuer: 'self' });
  const pem = (): string => servicePemPath(scratch.tree, 'cpanel');

  beforeAll(async () => {
    scratch = scratchTree();
    chmodSync(scratch.root, 0o755);
    service = new ServiceUnderTest(scratch.tree, 'cpanel');
    rig = new NginxRig();
    port = await freePort();
    rig.site('_', `127.0.0.1:${port} ssl`, pem());
    service.writeSettings({}, { webServer: rig.yaml() });
    await service.place(made);
    await rig.start(port);
  });
  afterAll(async () => {
    await rig.stop();
    scratch.remove();
  });

  test('serves the server’s certificate, which root alone can read', () => {
    expect(shownBy({ port }, HOSTNAME)).toBe(made.fingerprint);
    expect(canRead('www-data', pem())).toBe(false);
  });

  test('takes a new one by the reload of nginx', async () => {
    made = aHostCertificate();
    expect(await service.install(made)).toMatchObject({ state: 'served' });
    expect(shownBy({ port }, HOSTNAME)).toBe(made.fingerprint);
  });

  test('keeps the former one when the configuration of nginx is broken', async () => {
    const path = rig.write('conf/sites/broken.conf', 'sever {}\n');
    expect(await service.install(aHostCertificate())).toMatchObject({
      state: 'held',
      code: 'CONFIG_BROKEN_BEFORE',
    });
    rig.remove('conf/sites/broken.conf');
    expect(path).toContain('broken');
    expect(shownBy({ port }, HOSTNAME)).toBe(made.fingerprint);
  });
});
