import type { FreeRoom } from '../plan/room/room.js';
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

/** What came of asking the CA for its directory. */
export type AuthorityAnswer =
  | { readonly state: 'no-provider' }
  /** It is on this server, or a third party's program that only runs ask. */
  | { readonly state: 'not-asked'; readonly name: string; readonly isHere: boolean }
  | { readonly state: 'answered'; readonly name: string }
  | { readonly state: 'failed'; readonly name: string; readonly why: string; readonly advice: string | null };

export function judgeAuthority(answer: AuthorityAnswer): Finding {
  const faulty = (health: 'warning' | 'fault', message: string, advice: string): Finding => ({
    ...{ code: 'CA', health, message, advice },
    isFixable: false,
  });
  switch (answer.state) {
    case 'no-provider':
      return faulty(
        'warning',
        'no provider is in use, so nothing is ordered',
        'Choose one: autossl provider list, then autossl provider use NAME',
      );
    case 'not-asked':
      return answer.isHere
        ? ok('CA', `${answer.name} is on this server`)
        : unknown('CA', `${answer.name} is a program, which only runs ask`);
    case 'answered':
      return ok('CA', `${answer.name} answers`);
    case 'failed':
      return faulty(
        'fault',
        `${answer.name} cannot be used: ${answer.why}`,
        `Nothing is ordered meanwhile. ${answer.advice ?? 'See whether a firewall is in the way.'}`,
      );
  }
}

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

/** One finding for each file system: folders of the same one have the same figures. */
export function judgeRooms(rooms: readonly FreeRoom[]): readonly Finding[] {
  const apart = new Map([...rooms].reverse().map((room) => [`${room.bytes} ${room.inodes}`, room]));
  if (apart.size === 0) return [unknown('ROOM', 'no file system says how much room it has')];
  return [...apart.values()].reverse().map(judgeRoom);
}

export function judgeRoom({ folder, bytes, inodes }: FreeRoom): Finding {
  const room = `${Math.floor(bytes / MIB)} MiB${inodes === null ? '' : ` and ${counted(inodes, 'file')}`}`;
  const isFault = bytes < ROOM_FAULT_BYTES || (inodes ?? INODES_FAULT) < INODES_FAULT;
  const isLittle = bytes < ROOM_WARNING_BYTES || (inodes ?? INODES_WARNING) < INODES_WARNING;
  if (!isFault && !isLittle) return ok('ROOM', `room for ${room} at ${folder}`);
  return {
    code: 'ROOM',
    health: isFault ? 'fault' : 'warning',
    message: `room for only ${room} at ${folder}`,
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
    advice: `Start ${name}: ${what}`,
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
