// One renewal at a time on a server with many websites: how long from the CA's answer with the certificate until it is
// served, and how long the server's own reload takes. Words: number of websites, rounds. Prints one JSON list.
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { SocketTlsProbe } from '../../src/adapters/probe/tls-probe.js';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { PATHS } from '../support/acme-proxy.js';
import { installedFingerprint, placeAgedSet } from '../support/aged-set.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { HostingServer, type ServerKind } from '../support/hosting-server.js';
import { aCertificate, aKey } from '../support/pki.js';
import type { ServedWebsite } from '../support/served-website.js';
import { WEBSITES_PER_ACCOUNT } from './websites.js';

const DAY_MS = 86_400_000;
/** Of its 90 days. */
const DAYS_LEFT_WHEN_DUE = 10;
/** Between two looks at what is served. */
const LOOK_EVERY_MS = 2;
const PATIENCE_MS = 120_000;

const [count = '', rounds = ''] = process.argv.slice(2);
const key = aKey();
const probe = new SocketTlsProbe();
const ca = await startHostingCa();
try {
  const results: unknown[] = [];
  for (const kind of ['nginx', 'apache'] as const) results.push(await measureServer(kind, ca));
  process.stdout.write(`${JSON.stringify(results)}\n`);
} finally {
  await ca.stop();
}
// Sockets that nobody needs any more are no reason to wait.
process.exit(0);

async function measureServer(kind: ServerKind, hostingCa: HostingCa): Promise<unknown> {
  const hosting = await HostingServer.open(hostingCa, {
    label: kind,
    [kind]: { accounts: accountsOf(Number(count)) },
    pairOf: healthyPair,
  });
  try {
    const servedMs: number[] = [];
    const reloadMs: number[] = [];
    for (let round = 0; round < Number(rounds); round++) {
      const website = hosting.websites[(round * 7919) % hosting.websites.length];
      if (website === undefined) throw new Error('there is no website');
      reloadMs.push(await ownReload(hosting, website));
      servedMs.push(await renewal(hosting, website));
    }
    return { name: kind, servedMs, reloadMs };
  } finally {
    await hosting.stop();
  }
}

/** Accounts of the usual size; the last one has what is left over. */
function accountsOf(websites: number): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Array.from({ length: Math.ceil(websites / WEBSITES_PER_ACCOUNT) }, (_, index) => [
      `user${index}`,
      Math.min(WEBSITES_PER_ACCOUNT, websites - index * WEBSITES_PER_ACCOUNT),
    ]),
  );
}

/** Of somebody else, valid for long: nothing is to be done about it. */
function healthyPair({ names }: ServedWebsite): string {
  return aCertificate({ names, key, notBefore: new Date(Date.now() - DAY_MS) }).combined;
}

/** From the signal until the new certificate is shown. */
async function ownReload(hosting: HostingServer, website: ServedWebsite): Promise<number> {
  const before = installedFingerprint(hosting.built, website.vhost);
  writeFileSync(hosting.built.tree.combined(parseHostName(website.vhost)), healthyPair(website));
  const beganAt = performance.now();
  process.kill(hosting.rig(website.kind).pid, website.kind === 'nginx' ? 'SIGHUP' : 'SIGUSR1');
  return (await servedAnew(hosting, website, before)) - beganAt;
}

/** From the CA's answer with the certificate until it is shown, in a night that has nothing else to do. */
async function renewal(hosting: HostingServer, website: ServedWebsite): Promise<number> {
  const { account, vhost, names } = website;
  const former = installedFingerprint(hosting.built, vhost);
  const due = placeAgedSet(hosting.built, {
    ...{ account, vhost, names, daysLeft: DAYS_LEFT_WHEN_DUE },
    provider: 'CustomACME',
  });
  hosting.rig(website.kind).reload();
  await servedAnew(hosting, website, former);
  let issuedAt = 0;
  ca.proxy.beforeAnswer(({ path, status }) => {
    if (path.startsWith(PATHS.certificate) && status === 200) issuedAt = performance.now();
  });
  const run = hosting.run('autossl_check', '--all').then(({ exitCode, stdout, stderr }) => {
    if (exitCode !== 0 || issuedAt === 0) throw new Error(`exit ${exitCode}: ${stdout}${stderr}`);
  });
  const [servedAt] = await Promise.all([servedAnew(hosting, website, due), run]);
  return servedAt - issuedAt;
}

/** The moment at which what is installed is shown and not `former`. @throws Error when it takes too long */
async function servedAnew(
  hosting: HostingServer,
  { vhost, address }: ServedWebsite,
  former: string,
): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const { fingerprint, error } = await probe.handshake({ address, port: ca.httpsPort, serverName: vhost });
    const now = performance.now();
    if (fingerprint !== former && fingerprint === installedFingerprint(hosting.built, vhost)) return now;
    if (now > deadline) throw new Error(`${vhost}: ${error ?? 'the same certificate as before'}`);
    await pause(LOOK_EVERY_MS);
  }
}
