import { ConfigurationError, StateError } from '../core/domain/autossl-error.js';
import { quoteForMessage } from '../core/domain/name/names.js';
import { sudoersObstacle } from '../core/plan/rights/sudoers.js';
import { type NightlyTime, nightlyTimeFrom, type ProgramPlaces } from '../core/plan/setup/setup-files.js';
import {
  type FoundThing,
  type MadeThing,
  markOfItem,
  planSetUp,
  planUndo,
  type SetupItem,
  type SetupPart,
  type SetupPlaces,
  type SetupStep,
  setupItems,
} from '../core/plan/setup/setup-steps.js';
import { EXIT } from '../core/report/check/exit-code.js';
import type { RandomSource } from './ports/clock.js';
import type { LockKeeper } from './ports/locks.js';

/** What was set up, as `setup.json` keeps it. */
export interface SetupJournal {
  /** Drawn once. */
  readonly nightly: NightlyTime | null;
  /** In the order of making; folders before what lies in them. */
  readonly made: readonly MadeThing[];
}

/** The places of a set-up. What lies there is told, not judged. */
export interface SetupStation {
  readonly places: SetupPlaces;
  readInstallation(): Promise<ProgramPlaces & { readonly writableByOthers: readonly string[] }>;
  readJournal(): Promise<SetupJournal>;
  /** Durable before it resolves. An empty one is removed. */
  writeJournal(journal: SetupJournal): Promise<void>;
  look(path: string): Promise<FoundThing>;
  /** Folders above the path that do not exist yet, the highest first. */
  missingFolders(path: string): Promise<readonly string[]>;
  /** Makes missing folders, then the thing, in place of what lies there. */
  make(item: SetupItem): Promise<void>;
  remove(path: string): Promise<void>;
  /** False when something lies in it. */
  removeFolder(path: string): Promise<boolean>;
}

export interface SetUpHost {
  readonly random: RandomSource;
  readonly locks: LockKeeper;
  readonly station: SetupStation;
}

export interface SetUpRequest {
  readonly parts: readonly SetupPart[];
  /** Takes away what was made instead of making. */
  readonly isUndo: boolean;
  /** Only says what would be done. */
  readonly isDryRun: boolean;
}

/** What a set-up did or would do, as `--json` prints it. */
export interface SetUpReport {
  readonly schemaVersion: 1;
  readonly exitCode: number;
  readonly isDone: boolean;
  /** Null before it was drawn, and after the undoing. */
  readonly nightly: NightlyTime | null;
  readonly steps: readonly Omit<SetupStep, 'item'>[];
  readonly warnings: readonly string[];
}

/** Who draws a time draws from so many bytes. */
const RANDOM_BYTES = 4;

/**
 * Shows what this server needs so that runs happen by themselves, and does it unless it is a dry run. `announce` gets the
 * steps before the first is done. Safe to repeat; what was done is in the journal before it is done.
 * @throws StateError LOCKED, WRITE_FAILED; ConfigurationError UNSAFE_FILE for programs that others than root may change
 */
export async function setUp(
  request: SetUpRequest,
  host: SetUpHost,
  announce: (report: SetUpReport) => void,
): Promise<SetUpReport> {
  if (request.isDryRun) {
    const { report } = await plan(request, host);
    announce(report);
    return report;
  }
  const lock = await host.locks.tryAcquire('setup', 'autossl setup');
  if ('heldBy' in lock) {
    throw new StateError('LOCKED', `another set-up is at work (process ${lock.heldBy.pid})`);
  }
  try {
    const planned = await plan(request, host);
    announce(planned.report);
    let { journal } = planned;
    for (const step of planned.steps) {
      await lock.assertHeld();
      journal = await carryOut(step, journal, host.station);
    }
    const isEmpty = journal.made.length === 0;
    if (isEmpty || request.isUndo) {
      journal = { ...journal, nightly: isEmpty ? null : journal.nightly };
      await host.station.writeJournal(journal);
    }
    return { ...planned.report, isDone: true, nightly: journal.nightly };
  } finally {
    await lock.release();
  }
}

interface PlannedSetUp {
  readonly steps: readonly SetupStep[];
  readonly journal: SetupJournal;
  readonly report: SetUpReport;
}

async function plan(request: SetUpRequest, host: SetUpHost): Promise<PlannedSetUp> {
  const { station } = host;
  const journal = await station.readJournal();
  const warnings: string[] = [];
  let items: readonly SetupItem[] = [];
  let nightly = journal.nightly;
  if (!request.isUndo) {
    const installation = await station.readInstallation();
    warnings.push(...judgeWritable(installation, request));
    if (!installation.programs.has('autossl_check')) {
      warnings.push('This installation has no program autossl_check.');
    }
    if (request.parts.includes('cron')) {
      const [missing] = await station.missingFolders(station.places.cronFile);
      if (missing !== undefined) {
        warnings.push(
          `There is no ${missing}: install a cron that reads cron.d, or call the hook by other means.`,
        );
      }
    }
    if (request.parts.includes('sudoers')) {
      const obstacle = sudoersObstacle(installation);
      if (obstacle !== null) warnings.push(obstacle);
    }
    const drawn = nightly ?? drawNightlyTime(host.random);
    if (!request.isDryRun) nightly = drawn;
    items = setupItems(request.parts, station.places, installation, drawn);
  }
  const found = new Map<string, FoundThing>();
  for (const { path } of [...items, ...journal.made]) found.set(path, await station.look(path));
  const look = (path: string): FoundThing => found.get(path) ?? { state: 'absent' };
  const steps = request.isUndo
    ? planUndo(request.parts, journal.made, look)
    : planSetUp(request.parts, items, journal.made, look);
  const isObstructed = steps.some(({ action }) => action === 'refuse' || action === 'leave');
  return {
    steps,
    journal: { ...journal, nightly },
    report: {
      schemaVersion: 1,
      exitCode: isObstructed && !request.isDryRun ? EXIT.failed : EXIT.done,
      isDone: false,
      nightly,
      steps: steps.map(({ item: _, ...step }) => step),
      warnings,
    },
  };
}

/** Root's jobs run nothing that others may change (design 5.14). @throws ConfigurationError UNSAFE_FILE */
function judgeWritable(
  { root, writableByOthers }: ProgramPlaces & { readonly writableByOthers: readonly string[] },
  request: SetUpRequest,
): readonly string[] {
  const [first] = writableByOthers;
  if (first === undefined) return [];
  const what = `${quoteForMessage(first)} may be changed by others than root, and root would run what lies there`;
  if (root !== null || request.isDryRun) return [`${what}.`];
  throw new ConfigurationError('UNSAFE_FILE', what, {
    advice: 'Install the programs where only root may write.',
  });
}

/** Writes to the journal what is about to be made, makes it, and writes what became of it. */
async function carryOut(
  step: SetupStep,
  journal: SetupJournal,
  station: SetupStation,
): Promise<SetupJournal> {
  const { action, path, item, part } = step;
  switch (action) {
    case 'make':
    case 'replace': {
      if (item === null) return journal;
      const mark = markOfItem(item);
      const known = journal.made.find((thing) => thing.path === path);
      const folders = (await station.missingFolders(path))
        .filter((folder) => !journal.made.some((thing) => thing.path === folder))
        .map((folder): MadeThing => ({ part, path: folder, kind: 'folder', marks: [] }));
      const others = journal.made.filter((thing) => thing.path !== path);
      const withMarks = (marks: readonly string[]): SetupJournal => ({
        ...journal,
        made: [...others, ...folders, { part, path, kind: item.thing.kind, marks }],
      });
      await station.writeJournal(withMarks([mark, ...(known?.marks ?? [])]));
      await station.make(item);
      const done = withMarks([mark]);
      await station.writeJournal(done);
      return done;
    }
    case 'remove':
    case 'forget': {
      const thing = journal.made.find((one) => one.path === path);
      if (action === 'remove') {
        if (thing?.kind === 'folder') {
          if (!(await station.removeFolder(path))) return journal;
        } else await station.remove(path);
      }
      const rest = { ...journal, made: journal.made.filter((one) => one.path !== path) };
      await station.writeJournal(rest);
      return rest;
    }
    case 'keep':
    case 'refuse':
    case 'leave':
      return journal;
  }
}

function drawNightlyTime(random: RandomSource): NightlyTime {
  const bytes = random.bytes(RANDOM_BYTES);
  return nightlyTimeFrom(bytes.reduce((number, byte) => number * 256 + byte, 0));
}
