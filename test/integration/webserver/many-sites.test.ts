import { afterEach, expect, test } from '@jest/globals';
import { SocketTlsProbe } from '../../../src/adapters/probe/tls-probe.js';
import { Tree } from '../../../src/adapters/system/tree.js';
import { detectWebServers } from '../../../src/adapters/webserver/detection.js';
import { ServedDirectory } from '../../../src/core/plan/served/served-places.js';
import type { WebServer } from '../../../src/runs/ports/installation.js';
import { describeWithParts } from '../../support/needs.js';
import { aCertificate } from '../../support/pki.js';
import { freePorts } from '../../support/ports.js';
import { ApacheRig, NginxRig, type ServerRig } from '../../support/server-rigs.js';

const SITES = 1000;
const nameOf = (index: number): string => `s${index}.example.test`;

/** Each site with a pair of its own in a file of its own. */
function fill(rig: NginxRig | ApacheRig, address: string): void {
  for (let index = 0; index < SITES; index++) {
    rig.site(nameOf(index), address, rig.write(`tls/${index}`, certificate.combined));
  }
}
const certificate = aCertificate({ names: ['*.example.test'] });

async function assertAllRead(server: WebServer | undefined, port: number): Promise<void> {
  expect(await server?.testConfig()).toEqual({ ok: true });
  const sites = (await server?.readSites()) ?? [];
  if ('fault' in sites) throw new Error(sites.fault);
  const directory = new ServedDirectory(sites);
  for (let index = 0; index < SITES; index++) {
    expect(directory.placesOf([nameOf(index)]).places).toMatchObject([
      { name: nameOf(index), address: '127.0.0.1', port, site: { names: [nameOf(index)] } },
    ]);
  }
}

/** Right after a reload the new certificate is what everybody gets: it was loaded, and nobody serves the old one. */
async function assertReloaded(
  one: NginxRig | ApacheRig,
  server: WebServer | undefined,
  port: number,
): Promise<void> {
  const next = aCertificate({ names: [nameOf(SITES - 1)] });
  const probe = new SocketTlsProbe();
  one.write(`tls/${SITES - 1}`, next.combined);
  expect(await server?.reload()).toEqual({ ok: true });
  const seen = await probe.handshake({ address: '127.0.0.1', port, serverName: nameOf(SITES - 1) });
  expect(seen.names).toEqual([nameOf(SITES - 1)]);
}

let rig: ServerRig | undefined;
afterEach(async () => await rig?.stop());

describeWithParts('a thousand sites of nginx', ['nginx'], () => {
  test('are tested, read, each with its place, and reloaded', async () => {
    const [port = 0] = await freePorts(1);
    const nginx = new NginxRig();
    rig = nginx;
    fill(nginx, `127.0.0.1:${port} ssl`);
    const [server] = detectWebServers([nginx.settings()], new Tree('/'));
    await assertAllRead(server, port);
    await nginx.start(port);
    await assertReloaded(nginx, server, port);
  });
});

describeWithParts('a thousand sites of Apache', ['apache'], () => {
  test('are tested with their pairs, read, each with its place, and reloaded', async () => {
    const [port = 0] = await freePorts(1);
    const apache = new ApacheRig([`127.0.0.1:${port} https`]);
    rig = apache;
    fill(apache, `*:${port}`);
    const [server] = detectWebServers([apache.settings()], new Tree('/'));
    await assertAllRead(server, port);
    await apache.start(port);
    await assertReloaded(apache, server, port);
    const pair = apache.write('tls/777', aCertificate().keyPem + certificate.chainPem);
    expect(await server?.testConfig()).toMatchObject({ ok: false, why: expect.stringContaining(pair) });
  });
});
