import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { faultsAfterKills } from '../after-crash.js';
import { accountingOf } from '../ca-accounting.js';
import type { HostingCa } from '../hosting-ca.js';
import { HostingServer, type ServerKind } from '../hosting-server.js';
import { installedSet } from '../installed-set.js';
import { type ProgramEnd, startBin } from '../started-program.js';
import { type AtPoint, recordPoints, startHooked } from './hooked-program.js';

const WEBSITES = 2;
/** Servers under way at once: half of a run is waiting. */
const LANES = 3;
const CHECK = ['--all'];

/** What a server was and became: faults are sentences, none when all is well. */
export interface CrashStory {
  readonly point: string;
  /** How the troubled run ended; null = killed. */
  readonly exitCode: number | null;
  readonly faults: readonly string[];
  /** newOrders for which no certificate was issued. */
  readonly wasted: number;
}

/** A server of two websites, each with a former certificate, before its first run. */
async function openServer(ca: HostingCa, kind: ServerKind, label: string): Promise<HostingServer> {
  const server = await HostingServer.open(ca, {
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
  return server;
}

/** All points of a first run, in order. @throws Error when that run was not good */
export async function pointsOfFirstRun(ca: HostingCa, kind: ServerKind): Promise<readonly string[]> {
  const label = `rec${kind}`;
  const server = await openServer(ca, kind, label);
  try {
    const { end, points } = await recordPoints('autossl_check', CHECK, server.built.root, label);
    if (end.exitCode !== 0) throw new Error(`exit ${end.exitCode}: ${end.stdout}${end.stderr}`);
    return points;
  } finally {
    await server.stop();
  }
}

/** Codes that the manuals name. */
const DOCUMENTED = [0, 1, 2, 3, 75];

/**
 * Lets a first run meet what happens at the point, looks at what lies there and is served, runs again undisturbed, and
 * looks again: what is wrong, as sentences.
 */
export async function crashStory(
  ca: HostingCa,
  kind: ServerKind,
  label: string,
  point: string,
  at: AtPoint,
): Promise<CrashStory> {
  const server = await openServer(ca, kind, label);
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

/** The stories of all these points, so many servers at once; `at`: what happens at the point. */
export async function crashStories(
  ca: HostingCa,
  kind: ServerKind,
  points: readonly string[],
  at: (point: string, number: number) => AtPoint,
  prefix: string,
): Promise<readonly CrashStory[]> {
  const stories: CrashStory[] = [];
  const entries = points.entries();
  const lane = async (): Promise<void> => {
    for (const [number, point] of entries) {
      const label = `${prefix}${kind === 'nginx' ? 'n' : 'a'}${number}`;
      const story = await crashStory(ca, kind, label, point, at(point, number));
      // Of hundreds, the first fault is worth knowing before the last story is told.
      for (const fault of story.faults) process.stderr.write(`${kind}, ${point}: ${fault}\n`);
      stories.push(story);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return stories;
}

/** One of each of so many equal parts of the way, so that no part is missed; all where there are no more. */
export function sampleOf(points: readonly string[], size: number, chance: () => number): readonly string[] {
  if (points.length <= size) return points;
  const part = points.length / size;
  return Array.from({ length: size }, (_, index) => points[Math.floor((index + chance()) * part)] ?? '');
}

function hostedBy(server: HostingServer) {
  const names = new Map(server.websites.map((website) => [website.vhost, website.names]));
  return { ...server.built, names, suffix: server.suffix };
}

/** Of a run that was not killed: a documented code, and words instead of a trace. */
export function faultsOfEnd({ exitCode, stdout, stderr }: ProgramEnd): string[] {
  if (exitCode === null) return [];
  const faults: string[] = [];
  if (!DOCUMENTED.includes(exitCode)) faults.push(`exit ${exitCode}`);
  const trace = /^\s+at .+:\d+:\d+\)?$|internal error|UNFORESEEN_SYSTEM_ERROR|Unhandled|node:internal/im.exec(
    stdout + stderr,
  );
  if (trace !== null) faults.push(`it shows its inside: ${trace[0]}\n${stdout}${stderr}`);
  return faults;
}

function faultsOfPairs(server: HostingServer): string[] {
  return server.websites.flatMap(({ vhost }) => {
    try {
      const { key, leaf } = installedSet(server.built, vhost);
      return leaf.checkPrivateKey(key) ? [] : [`${vhost}: key and certificate do not belong together`];
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

/** Visitors are shown what lay there before, or what lies there now. */
async function faultsOfFormer(server: HostingServer, former: ReadonlyMap<string, string>): Promise<string[]> {
  const shown = await server.shown();
  const installed = server.installed();
  return [...shown].flatMap(([vhost, print]) =>
    print === former.get(vhost) || print === installed.get(vhost) ? [] : [`${vhost}: ${print} is served`],
  );
}
