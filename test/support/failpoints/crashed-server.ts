import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { faultsAfterKills } from '../after-crash.js';
import { writeIssuedRecord } from '../aged-set.js';
import { accountingOf } from '../ca-accounting.js';
import type { HostingCa } from '../hosting-ca.js';
import { HostingServer, type ServerKind } from '../hosting-server.js';
import { installedSet } from '../installed-set.js';
import { aCertificate } from '../pki.js';
import type { ServedWebsite } from '../served-website.js';
import { startBin } from '../started-program.js';
import type { CrashStory, CrashSubject } from './crash-stories.js';
import { faultsOfEnd, faultsOfPair, faultsOfShown } from './faults-of-run.js';
import { type AtPoint, recordPoints, startHooked } from './hooked-program.js';

const WEBSITES = 2;
const DAY_MS = 86_400_000;
/** Of certificates that are due. */
const LIFE_MS = 90 * DAY_MS;
const LEFT_MS = 5 * DAY_MS;
const CHECK = ['--all'];

/** `first`: what lies there is somebody's; `renewal`: it is ours, and has a few days left. */
export type Beginning = 'first' | 'renewal';

/** A server of two websites, each with a former certificate, before the run that meets something. */
async function openServer(
  ca: HostingCa,
  kind: ServerKind,
  beginning: Beginning,
  label: string,
): Promise<HostingServer> {
  const aged = new Map<string, { readonly website: ServedWebsite; readonly certPem: string }>();
  const agedPair = (website: ServedWebsite): string => {
    const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + LEFT_MS);
    const notBefore = new Date(notAfter.getTime() - LIFE_MS);
    const made = aCertificate({ names: website.names, notBefore, notAfter, keyType: 'ecdsa-prime256v1' });
    aged.set(website.vhost, { website, certPem: made.certPem });
    return made.combined;
  };
  const server = await HostingServer.open(ca, {
    ...(beginning === 'renewal' ? { pairOf: agedPair } : {}),
    label,
    [kind]: { accounts: { [`${label}u`]: WEBSITES } },
    settings: {
      hooks: {
        preInstall: ['/usr/bin/true'],
        postInstall: ['/usr/bin/true'],
        rebuildAccount: ['/usr/bin/true'],
      },
    },
  });
  // As an earlier run would have made them.
  for (const { vhost } of server.websites)
    chmodSync(server.built.tree.websiteTls(parseHostName(vhost)), 0o711);
  for (const { website, certPem } of aged.values()) {
    const { vhost, account, names } = website;
    writeIssuedRecord(server.built, { vhost, account, names, provider: 'CustomACME', certPem });
  }
  return server;
}

/** Websites behind a web server, whose certificates a run of autossl_check gets. */
export function crashedWebsites(ca: HostingCa, kind: ServerKind, beginning: Beginning): CrashSubject {
  const mark = `${kind === 'nginx' ? 'n' : 'a'}${beginning === 'first' ? '' : 'r'}`;
  return {
    mark,
    points: () => pointsOfRun(ca, kind, beginning, `rec${mark}`),
    story: (label, point, at) => crashStory(ca, kind, beginning, label, point, at),
  };
}

async function pointsOfRun(
  ca: HostingCa,
  kind: ServerKind,
  beginning: Beginning,
  label: string,
): Promise<readonly string[]> {
  const server = await openServer(ca, kind, beginning, label);
  try {
    const { end, points } = await recordPoints('autossl_check', CHECK, server.built.root, label);
    if (end.exitCode !== 0) throw new Error(`exit ${end.exitCode}: ${end.stdout}${end.stderr}`);
    return points;
  } finally {
    await server.stop();
  }
}

/**
 * Lets a run meet what happens at the point, looks at what lies there and is served, runs again undisturbed, and looks
 * again.
 */
async function crashStory(
  ca: HostingCa,
  kind: ServerKind,
  beginning: Beginning,
  label: string,
  point: string,
  at: AtPoint,
): Promise<CrashStory> {
  const server = await openServer(ca, kind, beginning, label);
  try {
    const former = server.installed();
    const end = await startHooked('autossl_check', CHECK, server.built.root, label, at).ended;
    const faults = [
      ...faultsOfEnd(end),
      ...faultsOfPairs(server),
      ...faultsOfConfiguration(server, kind),
      ...(await faultsOfFormer(server, former)),
      ...(end.exitCode === 0 && at.failAt !== undefined
        ? (await server.faultsOfServing()).map((fault) => `exit 0, but ${fault}`)
        : []),
    ].map((fault) => `at once: ${fault}`);
    const second = await startBin('autossl_check', CHECK, server.built.root).ended;
    if (second.exitCode !== 0) faults.push(`second run: exit ${second.exitCode}`);
    faults.push(...faultsOfEnd(second).map((fault) => `second run: ${fault}`));
    faults.push(...(await server.faultsOfServing()));
    const hosted = hostedBy(server);
    faults.push(...faultsAfterKills(ca, hosted, at.killAt === undefined ? WEBSITES : 1));
    const third = await startBin('autossl_check', CHECK, server.built.root).ended;
    if (!third.stdout.includes('nothing to do')) faults.push(`third run: ${third.stdout}${third.stderr}`);
    if (faults.length > 0)
      faults.push(`said: ${end.stdout}${end.stderr}`, `then: ${second.stdout}${second.stderr}`);
    const { wasted } = accountingOf(ca.proxy.requests, hosted.suffix, hosted);
    return { point, exitCode: end.exitCode, wasted: wasted.length, faults };
  } finally {
    await server.stop();
  }
}

function hostedBy(server: HostingServer) {
  const names = new Map(server.websites.map((website) => [website.vhost, website.names]));
  return { ...server.built, names, suffix: server.suffix };
}

function faultsOfPairs(server: HostingServer): string[] {
  return server.websites.flatMap(({ vhost }) => {
    try {
      return faultsOfPair(vhost, installedSet(server.built, vhost));
    } catch (error) {
      return [`${vhost}: ${String(error)}`];
    }
  });
}

/** What lies there, a web server that starts now must take. */
function faultsOfConfiguration(server: HostingServer, kind: ServerKind): string[] {
  const { program, arguments: words } = server.rig(kind).settings();
  try {
    execFileSync(program ?? '', [...words, '-t'], { stdio: 'pipe' });
    return [];
  } catch (error) {
    return [`a web server that starts now would not: ${String(error)}`];
  }
}

async function faultsOfFormer(server: HostingServer, former: ReadonlyMap<string, string>): Promise<string[]> {
  return faultsOfShown(await server.shown(), former, server.installed());
}
