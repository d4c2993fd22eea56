import type { CaaLookup } from '../../core/caa/observation.js';
import type { CaaAddition, CaaRefusal } from '../../core/caa/outcome.js';
import type { Website } from '../../core/domain/website/website.js';
import { caaRecordAdded, caaRecordNotAdded } from '../../core/report/events/caa-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { NameStanding } from '../ports/looks.js';
import type { EditableZone, ZoneAddition, ZoneEditor } from '../ports/zones.js';

/**
 * Pauses between looks for a record that was added, in ms: the zone's other servers are told at once (RFC 1996) and fetch it
 * within seconds. What takes longer is left to the next run.
 */
const PAUSES_MS = [0, 500, 1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * Why nothing is added at a name: it would come to exist and lose what a wildcard lends it (RFC 4592 section 2.2.1), or the
 * record would lie above the cut where nobody sees it.
 */
const STANDING_WORDS: Readonly<Record<NameStanding, string | null>> = {
  own: null,
  lent: 'has its records from a wildcard of its zone alone',
  absent: 'does not exist in the zone that is edited here',
  elsewhere: 'lies in another zone than the one that is edited here',
  unknown: 'is not known to have records of its own, as the name servers of its zone do not tell',
};

export type CaaMend =
  /** It is there for all to see; by this is judged from now on. */
  | { readonly state: 'shown'; readonly lookup: CaaLookup }
  /** `why`: one clause. */
  | {
      readonly state: 'left';
      readonly why: string;
      readonly isAdded?: true;
      /** In the place of what is advised else. */
      readonly advice?: string;
    };

function adviceForLent({ name, line }: CaaAddition): string {
  return `Add the record to the wildcard of its zone, or give ${name} its addresses by itself and only then add: ${line}`;
}

/** What adding one record needs. */
export interface MendPorts {
  readonly host: Pick<CheckHost, 'caa' | 'clock' | 'locks'>;
  readonly recorder: RunRecorder;
  readonly signal: AbortSignal;
  /** Whether a record that was added may be waited for. */
  readonly isPatient: boolean;
  /** Whether the CA is permitted by what was looked up. */
  readonly isPermitted: (lookup: CaaLookup) => boolean;
}

/**
 * Adds the missing record to a zone of ours, beside all that lies there, and waits until it is seen. What was done is
 * journalled before, so that it can be undone whatever happens (design 5.12). @throws StateError when that cannot be written
 */
export async function mendCaa(
  website: Website,
  refusal: CaaRefusal,
  addition: CaaAddition,
  zones: ZoneEditor,
  ports: MendPorts,
): Promise<CaaMend> {
  const { locks, caa } = ports.host;
  const zone = await zones.zoneOf(addition.name);
  if ('fault' in zone) return { state: 'left', why: `its zone cannot be edited here: ${zone.fault}` };
  const { editor } = zone;
  if (!zones.canEdit('CAA', zone)) return { state: 'left', why: `CAA records cannot be added by ${editor}` };
  const standing = await caa.resolver.standingOf(zone.apex, addition.name);
  const barrier = STANDING_WORDS[standing];
  if (barrier !== null) {
    const why = `${addition.name} ${barrier}, so nothing is added there from here`;
    return { state: 'left', why, ...(standing === 'lent' ? { advice: adviceForLent(addition) } : {}) };
  }
  let pauses: readonly number[];
  const lock = await locks.acquire(`caa:${zone.apex}`, 'adding a CAA record', ports.signal);
  try {
    const before = await caa.additions.read(addition.name, 'CAA', addition.value);
    if (before?.state === 'undone') {
      return {
        state: 'left',
        why: `it was added once and taken back at ${before.undoneAt ?? before.at}, so it is not added again (autossl caa forget ${before.id})`,
      };
    }
    // Another website of the zone may have had it added a moment ago.
    const now = await caa.resolver.caaAnew(addition.name);
    if (ports.isPermitted(now)) return { state: 'shown', lookup: now };
    await lock.assertHeld();
    const why = await addRecord(
      website,
      refusal,
      addition,
      { zones, zone, before, present: now.state === 'answered' ? now.records.length : 0 },
      ports,
    );
    if (why !== null) return { state: 'left', why };
    // What an earlier run or website added is not waited for once more.
    const isWaited = before?.state !== 'added' && ports.isPatient;
    pauses = isWaited ? PAUSES_MS : PAUSES_MS.slice(0, 1);
  } finally {
    await lock.release();
  }
  return await waitUntilShown(addition.name, zone.apex, pauses, ports);
}

/** Null when it was added, else what went wrong. */
/** Zones in which a policy has no CAA records for us, by the run that said so. */
const DENIALS = new WeakMap<RunRecorder, Set<string>>();

function isFirstDenial(recorder: RunRecorder, { apex, editor }: EditableZone): boolean {
  const known = DENIALS.get(recorder) ?? new Set<string>();
  DENIALS.set(recorder, known);
  const key = `${editor} ${apex}`;
  if (known.has(key)) return false;
  known.add(key);
  return true;
}

/** From so many CAA records of a name on, there may be no room for another (BIND: 100), which is the owner's doing. */
const CROWD = 20;

async function addRecord(
  website: Website,
  refusal: CaaRefusal,
  addition: CaaAddition,
  {
    zones,
    zone,
    before,
    present,
  }: { zones: ZoneEditor; zone: EditableZone; before: ZoneAddition | undefined; present: number },
  { host, recorder }: MendPorts,
): Promise<string | null> {
  const { apex, editor } = zone;
  const isFull = present >= CROWD;
  const said = { line: addition.line, zone: apex, editor };
  const record = {
    name: addition.name,
    type: 'CAA',
    value: addition.value,
    zone: apex,
    editor,
    account: website.account,
    vhost: website.vhost,
    why: `${refusal.name}: ${refusal.message}`,
    at: host.clock.now().toISOString(),
    undoneAt: null,
  } as const;
  // Added by us and hidden by a resolver's memory, or lost since: adding it again changes nothing where it is there.
  const isKnown = before?.state === 'added';
  if (!isKnown) await host.caa.additions.write({ ...record, state: 'begun' });
  const change = { op: 'add', name: addition.name, type: 'CAA', value: addition.value } as const;
  const check = await zones.change(zone, [change]);
  if (!check.ok) {
    const isHint = check.isDenied === true;
    if (!isHint || isFirstDenial(recorder, zone))
      recorder.record(caaRecordNotAdded(website, said, check.why, isHint ? null : isFull ? 'owner' : 'ours'));
    if (isFull && !isHint)
      return `it could not be added: ${check.why}; ${present} CAA records lie there already`;
    return `it could not be added: ${check.why}`;
  }
  if (isKnown) return null;
  const { id } = await host.caa.additions.write({ ...record, state: 'added' });
  recorder.record(caaRecordAdded(website, { ...said, id }));
  return null;
}

/** A resolver may remember for hours what was there before; a CA's does not: the zone's own servers count as well. */
async function waitUntilShown(
  name: string,
  zone: string,
  pauses: readonly number[],
  { host, isPermitted, signal }: MendPorts,
): Promise<CaaMend> {
  const { resolver } = host.caa;
  for (const pause of pauses) {
    if (pause > 0) await host.clock.sleep(pause, signal);
    const lookup = await resolver.caaAnew(name);
    if (isPermitted(lookup)) return { state: 'shown', lookup };
    const views = await resolver.caaAtServersOf(zone, name);
    // One that is down is waited for by no resolver either.
    const answers = views.filter(({ state }) => state === 'answered');
    const [first] = answers;
    if (first !== undefined && answers.every(isPermitted)) return { state: 'shown', lookup: first };
  }
  return {
    state: 'left',
    why: 'it was added and is not seen in DNS yet, so the next run goes on',
    isAdded: true,
  };
}
