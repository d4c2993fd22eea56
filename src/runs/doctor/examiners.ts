import { eachOf, type Finding, ok, unknown } from '../../core/doctor/finding.js';
import {
  type AuthorityAnswer,
  judgeAuthority,
  judgeClock,
  judgeDaemons,
  judgeResolver,
  judgeRooms,
  judgeSchedule,
} from '../../core/doctor/judge.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import {
  type DomainName,
  isWildcard,
  parseDomainName,
  type WantedName,
} from '../../core/domain/name/names.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { Website } from '../../core/domain/website/website.js';
import { identifierOf } from '../../core/order/resources.js';
import { counted } from '../../core/report/text/wording.js';
import { readLimits } from '../manage/limits.js';
import { lookAtName } from '../why-domain/look-at-name.js';
import type { DoctorHost, StaleFile } from './doctor-host.js';
import type { Examiner } from './examine.js';

/** Signed so that no resolver that looks at signatures may answer. */
const BADLY_SIGNED_NAME = parseDomainName('dnssec-failed.org');
/** So many names are tried by a test file of ours. */
const MOST_NAMES_TRIED = 3;
/** A notice that waits longer is not sent any more by itself. */
const NOTICE_WAITS_MS = 24 * 60 * 60_000;
const FAULT = { health: 'fault', isFixable: false } as const;
const FIXABLE_FAULT = { health: 'fault', advice: 'Run: autossl doctor --fix', isFixable: true } as const;
const FIXABLE_WARNING = { health: 'warning', advice: 'Run: autossl doctor --fix', isFixable: true } as const;

/** Everything that the doctor looks at, in the order of EXAMINATIONS. */
export function examinersOf(host: DoctorHost): readonly Examiner[] {
  return [
    { code: 'PAIRS', look: () => lookAtPairs(host) },
    { code: 'SERVICE_PAIRS', look: () => lookAtServicePairs(host) },
    { code: 'COPIES', look: () => lookAtCopies(host), mend: () => mendCopies(host) },
    { code: 'MODES', look: () => lookAtModes(host), mend: () => mendModes(host) },
    { code: 'LINKS', look: () => lookAtLinks(host) },
    { code: 'LEFTOVERS', look: () => lookAtLeftovers(host), mend: () => mendLeftovers(host) },
    { code: 'LOCKS', look: () => lookAtLocks(host), mend: () => mendLocks(host) },
    { code: 'JOURNALS', look: () => lookAtJournals(host) },
    { code: 'CACHES', look: () => lookAtCaches(host), mend: () => mendCaches(host) },
    { code: 'CRON', look: () => lookAtSchedule(host), mend: () => host.setUpCron() },
    { code: 'DAEMONS', look: async () => judgeDaemons(await host.files.daemons()) },
    { code: 'ROOM', look: async () => judgeRooms(host.freeRoom()) },
    { code: 'RESOLVER', look: () => lookAtResolver(host) },
    ...askingTheAuthority(host),
    { code: 'CHALLENGES', look: (signal) => lookAtChallenges(host, signal) },
    { code: 'LIMITS', look: () => lookAtLimits(host) },
    { code: 'NOTICES', look: () => lookAtNotices(host) },
  ];
}

async function* websitesOf({ why }: DoctorHost): AsyncGenerator<Website> {
  for await (const inventory of why.accounts?.readAll() ?? []) {
    if (inventory.state === 'ready') yield* inventory.websites;
  }
}

async function lookAtPairs(host: DoctorHost): Promise<readonly Finding[]> {
  const { certificates } = host;
  const broken: string[] = [];
  let seen = 0;
  for await (const website of websitesOf(host)) {
    const evidence = await certificates.gatherEvidence(website);
    if (evidence.kind === 'absent') continue;
    seen += 1;
    if (evidence.kind !== 'present') broken.push(`${website.vhost}: ${evidence.path} holds no certificate`);
    else if ((await certificates.readKey(website)) === undefined) {
      broken.push(`${website.vhost}: the key does not belong to the certificate`);
    }
  }
  const advice = 'Run: autossl_check --all, or autossl rollback WEBSITE';
  return eachOf(
    'PAIRS',
    broken,
    { ...FAULT, advice },
    seen === 0
      ? 'no website has a certificate yet'
      : `${counted(seen, 'website')}: key and certificate match`,
  );
}

async function lookAtServicePairs(host: DoctorHost): Promise<readonly Finding[]> {
  const pairs = await host.servicePairs();
  const broken = pairs
    .filter(({ isPair }) => !isPair)
    .map(({ service }) => `${service}: key and certificate do not match`);
  const fine =
    pairs.length === 0
      ? 'no service has a certificate of ours yet'
      : `${counted(pairs.length, 'service')}: key and certificate match`;
  return eachOf('SERVICE_PAIRS', broken, { ...FAULT, advice: 'Run: checkallsslcerts' }, fine);
}

async function* staleFilesOf(
  host: DoctorHost,
): AsyncGenerator<{ website: Website; stale: readonly StaleFile[] }> {
  for await (const website of websitesOf(host)) {
    const stale = host.staleCopies(website);
    if (stale.length > 0) yield { website, stale };
  }
}

async function lookAtCopies(host: DoctorHost): Promise<readonly Finding[]> {
  const paths: string[] = [];
  for await (const { stale } of staleFilesOf(host)) {
    paths.push(...stale.map(({ path }) => `${path} does not follow from combined`));
  }
  return eachOf('COPIES', paths, FIXABLE_FAULT, 'copies follow from what they are copies of');
}

/** Each under its website's lock, and looked at again there. */
async function mendCopies(host: DoctorHost): Promise<readonly string[]> {
  const done: string[] = [];
  for await (const { website } of staleFilesOf(host)) {
    const lock = await host.locks.tryAcquire(`website:${website.vhost}`, 'autossl doctor');
    if ('heldBy' in lock) continue;
    try {
      for (const { path, rewrite } of host.staleCopies(website)) {
        await lock.assertHeld();
        if (await rewrite()) done.push(`${path} was made anew`);
      }
    } finally {
      await lock.release();
    }
  }
  return done;
}

async function lookAtModes({ files }: DoctorHost): Promise<readonly Finding[]> {
  const loose = (await files.misplaced()).filter(({ mode }) => mode !== null);
  const lines = loose.map(({ path, what }) => `${path} ${what}`);
  return eachOf('MODES', lines, FIXABLE_FAULT, 'files of ours are ours alone');
}

async function mendModes({ files }: DoctorHost): Promise<readonly string[]> {
  const done: string[] = [];
  for (const file of await files.misplaced()) {
    if (file.mode === null || !(await files.putRight(file))) continue;
    done.push(`${file.path} ${file.what}: put right`);
  }
  return done;
}

async function lookAtLinks({ files }: DoctorHost): Promise<readonly Finding[]> {
  const links = (await files.misplaced()).filter(({ mode }) => mode === null);
  const lines = links.map(({ path }) => `${path} is a link, which we never make`);
  const advice = 'Find out who made it, and remove it.';
  return eachOf('LINKS', lines, { ...FAULT, advice }, 'no links among files of ours');
}

async function lookAtLeftovers(host: DoctorHost): Promise<readonly Finding[]> {
  const paths = [...(await host.files.leftovers()), ...(await host.orphanedStaging())];
  const lines = paths.map((path) => `${path} was left by a process that is gone`);
  return eachOf('LEFTOVERS', lines, FIXABLE_WARNING, 'dead processes left nothing behind');
}

async function mendLeftovers(host: DoctorHost): Promise<readonly string[]> {
  const swept = await host.sweep();
  return swept === 0 ? [] : [`${counted(swept, 'leftover')} of dead processes removed`];
}

async function lookAtLocks({ files }: DoctorHost): Promise<readonly Finding[]> {
  const lines = (await files.deadLocks()).map((name) => `the lock ${name} is held by a process that is gone`);
  return eachOf('LOCKS', lines, FIXABLE_WARNING, 'no lock is held by a dead process');
}

async function mendLocks({ files }: DoctorHost): Promise<readonly string[]> {
  const freed = (await files.deadLocks()).filter((name) => files.freeLock(name));
  return freed.map((name) => `the lock ${name} was freed`);
}

async function lookAtJournals(host: DoctorHost): Promise<readonly Finding[]> {
  const halfDone = await host.halfDone();
  const challenges = (await host.leftChallenges()).map(
    (path) => `${path} tells of challenges that a process left which is gone`,
  );
  const orders = (await host.why.orders.list()).flatMap((entry) =>
    entry.state === 'ok' ? [] : [`the order ${entry.path} cannot be read`],
  );
  const advice = 'The next run finishes what was begun: autossl_check --all';
  const kind = { health: 'warning', advice, isFixable: false } as const;
  return eachOf('JOURNALS', [...halfDone, ...orders, ...challenges], kind, 'nothing begun is left half done');
}

async function lookAtCaches({ files }: DoctorHost): Promise<readonly Finding[]> {
  const lines = (await files.damagedCaches()).map((path) => `${path} is damaged`);
  return eachOf('CACHES', lines, FIXABLE_WARNING, 'caches can be read');
}

async function mendCaches({ files }: DoctorHost): Promise<readonly string[]> {
  const damaged = await files.damagedCaches();
  for (const path of damaged) await files.removeCache(path);
  return damaged.map((path) => `${path} was removed: the next run makes it anew`);
}

async function lookAtSchedule({ why }: DoctorHost): Promise<readonly Finding[]> {
  const { nextRunAt, isPolled } = await why.readSchedule(why.clock.now());
  return judgeSchedule({ isNightly: nextRunAt !== null, isPolled });
}

async function lookAtResolver({ why }: DoctorHost): Promise<readonly Finding[]> {
  const { resolver } = why.view.preflight;
  const isAnswering = await resolver.isAnswering();
  const servers = resolver.servers;
  if (!isAnswering) return [judgeResolver({ servers, isAnswering, refusesBadSignatures: null })];
  const answer = await resolver.addressesOf(BADLY_SIGNED_NAME);
  const hasAddress = answer.ipv4.length + answer.ipv6.length > 0;
  const refusesBadSignatures = hasAddress ? false : answer.isAnsweredUnchecked === true ? true : null;
  return [judgeResolver({ servers, isAnswering, refusesBadSignatures })];
}

/** One question for both. */
function askingTheAuthority(host: DoctorHost): readonly Examiner[] {
  let offsetMs: number | null = null;
  const ask = async (signal: AbortSignal): Promise<AuthorityAnswer> => {
    const { provider } = host.why;
    offsetMs = null;
    if (provider === null) return { state: 'no-provider' };
    const name = provider.displayName;
    try {
      const said = await host.askAuthority(signal);
      if (said === null) return { state: 'not-asked', name, isHere: provider.kind === 'local' };
      offsetMs = said.clockOffsetMs;
      return { state: 'answered', name };
    } catch (error) {
      const advice = error instanceof AutosslError ? error.advice : null;
      return { state: 'failed', name, why: reasonOf(error), advice };
    }
  };
  return [
    { code: 'CA', look: async (signal) => [judgeAuthority(await ask(signal))] },
    { code: 'CLOCK', look: async () => [judgeClock(offsetMs)] },
  ];
}

function isTriable(name: WantedName): name is DomainName {
  return !isWildcard(name) && identifierOf(name).type === 'dns';
}

/** A test file, fetched as a run does, at the first names that can be looked up. */
async function lookAtChallenges(host: DoctorHost, signal: AbortSignal): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  let passed = 0;
  for await (const website of websitesOf(host)) {
    const name = website.candidates.map((one) => one.name).find(isTriable);
    if (name === undefined) continue;
    if (passed + found.length >= MOST_NAMES_TRIED || signal.aborted) break;
    const { why } = host;
    const sight = await lookAtName(name, website, null, why.view, signal, why.accounts);
    if (sight.state !== 'looked' || sight.outcome === null) continue;
    if (sight.outcome.passed) passed += 1;
    else {
      const message = `${name}: ${sight.outcome.message}`;
      found.push({
        code: 'CHALLENGES',
        health: 'warning',
        message,
        advice: `See: autossl why ${name}`,
        isFixable: false,
      });
    }
  }
  if (found.length > 0) return found;
  return passed > 0
    ? [ok('CHALLENGES', `${counted(passed, 'name')} tried: web servers answer challenges`)]
    : [unknown('CHALLENGES', 'no website has a name that could be tried from here')];
}

async function lookAtLimits(host: DoctorHost): Promise<readonly Finding[]> {
  const { accounts } = await readLimits(host.limits);
  const stopped = accounts.flatMap(({ provider, stoppedUntil, stoppedBecause }) =>
    stoppedUntil === null
      ? []
      : [`${provider} stopped our account until ${stoppedUntil}: ${stoppedBecause ?? ''}`],
  );
  const kind = { health: 'warning', advice: 'See: autossl limits', isFixable: false } as const;
  return eachOf('LIMITS', stopped, kind, 'no provider has stopped our account');
}

async function lookAtNotices({ files, why, unusableWays }: DoctorHost): Promise<readonly Finding[]> {
  const unusable = unusableWays.map(
    ({ label, fault }): Finding => ({
      ...{ code: 'NOTICES', health: 'warning', message: `messages by ${label} wait: ${fault}` },
      ...{ advice: 'Put its secret there, root’s and of mode 0600, and run: autossl notify test' },
      isFixable: false,
    }),
  );
  const oldest = await files.oldestNotice();
  const isStuck = oldest !== null && why.clock.now().getTime() - oldest.getTime() > NOTICE_WAITS_MS;
  if (!isStuck) return unusable.length > 0 ? unusable : [ok('NOTICES', 'no notice waits to be sent')];
  const message = `a notice waits to be sent since ${oldest.toISOString()}`;
  const advice = 'See whether mail leaves this server, and the newest log: autossl log';
  return [...unusable, { code: 'NOTICES', health: 'warning', message, advice, isFixable: false }];
}
