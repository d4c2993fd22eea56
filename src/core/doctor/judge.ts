import { counted, spanOf } from '../report/text/wording.js';
import { type Finding, ok, unknown } from './finding.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** CAs set notBefore back by an hour at most; a run stops at one hour (design 5.19). */
const CLOCK_FAULT_MS = HOUR_MS;
const CLOCK_WARNING_MS = 5 * MINUTE_MS;
const MIB = 1024 * 1024;
/** A night of thousands of orders writes some hundred MB of logs, archives and staging. */
const ROOM_WARNING_BYTES = 500 * MIB;
const ROOM_FAULT_BYTES = 50 * MIB;
const INODES_WARNING = 10_000;
const INODES_FAULT = 500;

/** The CA's clock minus ours. */
export function judgeClock(offsetMs: number | null): Finding {
  if (offsetMs === null) return unknown('CLOCK', 'no CA told the time, so our clock was not compared');
  const off = Math.abs(offsetMs);
  const words = `our clock is ${spanOf(off)} ${offsetMs > 0 ? 'behind' : 'ahead of'} the CA's`;
  const advice = 'Set the clock by NTP: certificates are judged by it.';
  if (off >= CLOCK_FAULT_MS)
    return { code: 'CLOCK', health: 'fault', message: words, advice, isFixable: false };
  if (off >= CLOCK_WARNING_MS)
    return { code: 'CLOCK', health: 'warning', message: words, advice, isFixable: false };
  return ok('CLOCK', "our clock agrees with the CA's");
}

/** Room of a file system; null where it does not say. */
export interface Room {
  readonly path: string;
  readonly freeBytes: number;
  /** Of file systems that make them as needed: null. */
  readonly freeInodes: number | null;
}

export function judgeRoom({ path, freeBytes, freeInodes }: Room): Finding {
  const room = `${Math.floor(freeBytes / MIB)} MiB${freeInodes === null ? '' : ` and ${counted(freeInodes, 'file')}`}`;
  const isFault = freeBytes < ROOM_FAULT_BYTES || (freeInodes ?? INODES_FAULT) < INODES_FAULT;
  const isLittle = freeBytes < ROOM_WARNING_BYTES || (freeInodes ?? INODES_WARNING) < INODES_WARNING;
  if (!isFault && !isLittle) return ok('ROOM', `room for ${room} at ${path}`);
  return {
    code: 'ROOM',
    health: isFault ? 'fault' : 'warning',
    message: `room for only ${room} at ${path}`,
    advice: 'Make room: nothing is ordered that could not be kept.',
    isFixable: false,
  };
}

/** What the configured resolver said; null: it did not answer. */
export interface ResolverSight {
  readonly servers: readonly string[];
  readonly isAnswering: boolean;
  /** Of a name whose signatures are known to be bad; null: no answer that tells. */
  readonly refusesBadSignatures: boolean | null;
}

export function judgeResolver({ servers, isAnswering, refusesBadSignatures }: ResolverSight): Finding {
  const list = servers.join(', ');
  // Without an internet no resolver answers: that is not known to be a fault of this server.
  if (!isAnswering) return unknown('RESOLVER', `none of the name servers ${list} answers`);
  if (refusesBadSignatures === null)
    return ok('RESOLVER', `${list} answers; whether it validates DNSSEC is not known`);
  return refusesBadSignatures
    ? ok('RESOLVER', `${list} answers and validates DNSSEC`)
    : {
        code: 'RESOLVER',
        health: 'warning',
        message: `${list} answers, but does not validate DNSSEC`,
        advice:
          'Names with broken DNSSEC pass here and fail at the CA: set "resolvers" to one that validates.',
        isFixable: false,
      };
}

/** What starts our programs. */
export interface ScheduleSight {
  readonly isNightly: boolean;
  readonly isPolled: boolean;
}

export function judgeSchedule({ isNightly, isPolled }: ScheduleSight): readonly Finding[] {
  const advice = 'Run: autossl setup --cron';
  const missing = (what: string): Finding => ({
    code: 'CRON',
    health: 'fault',
    message: `cron does not start ${what}`,
    advice,
    isFixable: true,
  });
  const found = [
    ...(isNightly ? [] : [missing('the nightly run')]),
    ...(isPolled ? [] : [missing('autossl_check_queue every 5 minutes')]),
  ];
  return found.length > 0 ? found : [ok('CRON', 'the nightly run and the queue poller are started by cron')];
}

/** Which daemons that start us run; null: that cannot be seen. */
export function judgeDaemons(
  running: { readonly cron: boolean; readonly at: boolean } | null,
): readonly Finding[] {
  if (running === null) return [unknown('DAEMONS', 'the processes of this machine cannot be seen')];
  const missing = (name: string, what: string): Finding => ({
    code: 'DAEMONS',
    health: 'warning',
    message: `no ${name} runs`,
    advice: `Start it: ${what}`,
    isFixable: false,
  });
  const found = [
    ...(running.cron ? [] : [missing('cron', 'nothing happens by itself without it.')]),
    ...(running.at ? [] : [missing('atd', 'checkallsslcerts tries nothing again without it.')]),
  ];
  return found.length > 0 ? found : [ok('DAEMONS', 'cron and atd run')];
}

/** 0: all fine or only unknown and warned of; 1: faults remain. */
export function doctorExitCode(findings: readonly Finding[]): 0 | 1 {
  return findings.some(({ health }) => health === 'fault') ? 1 : 0;
}
