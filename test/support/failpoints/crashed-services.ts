import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { accountingOf } from '../ca-accounting.js';
import type { HostingCa } from '../hosting-ca.js';
import { leftoversIn } from '../leftovers.js';
import { ServicesServer } from '../services-server.js';
import { startBin } from '../started-program.js';
import type { CrashStory, CrashSubject } from './crash-stories.js';
import { faultsOfEnd, faultsOfPair, faultsOfShown } from './faults-of-run.js';
import { type AtPoint, recordPoints, startHooked } from './hooked-program.js';

const PROGRAM = 'checkallsslcerts';
const WORDS = ['--no-retry'];
/** With it, and served by nginx as the panel. */
const SERVICE = 'cpanel';

/** The server's own services, whose certificate a run of checkallsslcerts gets. */
export function crashedServices(ca: HostingCa): CrashSubject {
  return {
    mark: 's',
    points: async () => {
      const server = await ServicesServer.open(ca, { label: 'recs', rigs: {} });
      try {
        const { end, points } = await recordPoints(PROGRAM, WORDS, server.built.root, 'recs');
        if (end.exitCode !== 0) throw new Error(`exit ${end.exitCode}: ${end.stdout}${end.stderr}`);
        return points;
      } finally {
        await server.stop();
      }
    },
    story: (label, point, at) => servicesStory(ca, label, point, at),
  };
}

async function servicesStory(ca: HostingCa, label: string, point: string, at: AtPoint): Promise<CrashStory> {
  const server = await ServicesServer.open(ca, { label, rigs: {} });
  const run = () => startBin(PROGRAM, WORDS, server.built.root).ended;
  const suffix = `.${label}.test`;
  try {
    const former = byName(server, server.lying(SERVICE));
    const end = await startHooked(PROGRAM, WORDS, server.built.root, label, at).ended;
    const faults = [...faultsOfEnd(end), ...faultsOfServer(server, former)].map((one) => `at once: ${one}`);
    const second = await run();
    if (second.exitCode !== 0) faults.push(`second run: exit ${second.exitCode}`);
    faults.push(...faultsOfEnd(second).map((one) => `second run: ${one}`));
    faults.push(...faultsOfServer(server, byName(server, server.lying(SERVICE))));
    if (server.lying(SERVICE) === former.get(server.hostname)) faults.push('it has no new certificate');
    for (const path of leftoversIn(server.built)) faults.push(`left over: ${path}`);
    const before = accountingOf(ca.proxy.requests, suffix, server.built);
    if (before.finalized.join() !== before.recorded.join())
      faults.push(`issued ${before.finalized.length}, recorded ${before.recorded.length}`);
    if (before.wasted.length > 1) faults.push(`${before.wasted.length} orders wasted`);
    const third = await run();
    if (!third.stdout.includes('nothing to do')) faults.push(`third run: ${third.stdout}${third.stderr}`);
    if (faults.length > 0)
      faults.push(`said: ${end.stdout}${end.stderr}`, `then: ${second.stdout}${second.stderr}`);
    return { point, exitCode: end.exitCode, wasted: before.wasted.length, faults };
  } finally {
    await server.stop();
  }
}

function byName(server: ServicesServer, fingerprint: string): ReadonlyMap<string, string> {
  return new Map([[server.hostname, fingerprint]]);
}

/** What its daemon would find if it started now, and what clients are shown. */
function faultsOfServer(server: ServicesServer, former: ReadonlyMap<string, string>): string[] {
  try {
    const pem = readFileSync(server.pemOf(SERVICE), 'utf8');
    const pair = { key: createPrivateKey(pem), leaf: new X509Certificate(pem) };
    const shown = byName(server, server.shown(SERVICE)[0] ?? 'nothing');
    return [
      ...faultsOfPair(server.hostname, pair),
      ...faultsOfShown(shown, former, byName(server, server.lying(SERVICE))),
    ];
  } catch (error) {
    return [String(error)];
  }
}
