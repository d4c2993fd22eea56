import { createHash } from 'node:crypto';
import { sudoersFile } from '../rights/sudoers.js';
import { cronFile, maintenanceHook, type NightlyTime, type ProgramPlaces } from './setup-files.js';

/** What can be chosen: scheduled runs, links for callers of the documented paths, accounts that ask for themselves. */
export const SETUP_PARTS = ['cron', 'cpanel-paths', 'sudoers'] as const;
export type SetupPart = (typeof SETUP_PARTS)[number];
/** What no name is given for: accounts get rights only where somebody says so. */
export const USUAL_PARTS: readonly SetupPart[] = ['cron', 'cpanel-paths'];

/** Where things are set up; real paths. */
export interface SetupPlaces {
  readonly cronFile: string;
  readonly maintenanceHook: string;
  /** The documented folders of programs and of scripts. */
  readonly programLinks: string;
  readonly scriptLinks: string;
  readonly sudoers: string;
}

/** One thing that a set-up wants. */
export interface SetupItem {
  readonly part: SetupPart;
  readonly path: string;
  readonly thing:
    | { readonly kind: 'file'; readonly contents: string; readonly mode: number }
    | { readonly kind: 'link'; readonly target: string };
  /** What it is for, as a noun phrase. */
  readonly purpose: string;
}

/** What lies at a path. */
export type FoundThing =
  | { readonly state: 'absent' }
  | { readonly state: 'file'; readonly digest: string }
  | { readonly state: 'link'; readonly target: string }
  | { readonly state: 'folder' }
  | { readonly state: 'other' };

/** What an earlier set-up made, as the journal has it. */
export interface MadeThing {
  readonly part: SetupPart;
  readonly path: string;
  readonly kind: 'file' | 'link' | 'folder';
  /** Digests that the file may have, or targets of the link: the newest first; two while it is being replaced. */
  readonly marks: readonly string[];
}

/**
 * `make`, `replace`, `remove`: to be done. `keep`: it is as wanted. `refuse`: somebody else's lies there. `leave`: ours,
 * changed by hand since. `forget`: ours, and gone already.
 */
export type SetupAction = 'make' | 'replace' | 'remove' | 'keep' | 'refuse' | 'leave' | 'forget';

export interface SetupStep {
  readonly action: SetupAction;
  readonly part: SetupPart;
  readonly path: string;
  /** One clause: what for, or why not. */
  readonly because: string;
  /** What is to be made; null for the other actions. */
  readonly item: SetupItem | null;
}

/** Documented paths of the programs, below the two folders. */
const LINKED_PROGRAMS: readonly (readonly [
  place: 'programLinks' | 'scriptLinks',
  name: string,
  program: string,
])[] = [
  ['programLinks', 'autossl_check', 'autossl_check'],
  ['programLinks', 'autossl_check_cpstore_queue', 'autossl_check_queue'],
  ['programLinks', 'checkallsslcerts', 'checkallsslcerts'],
  ['programLinks', 'whmapi1', 'whmapi1'],
  ['programLinks', 'uapi', 'uapi'],
  ['scriptLinks', 'try-later', 'try-later'],
];
const CRON_MODE = 0o644;
const HOOK_MODE = 0o755;
/** sudo takes no other. */
const SUDOERS_MODE = 0o440;

/** The mark by which a file of ours is known again. */
export function digestOf(contents: string | Uint8Array): string {
  return createHash('sha256').update(contents).digest('hex');
}

/** Everything that these parts want of this installation. */
export function setupItems(
  parts: readonly SetupPart[],
  places: SetupPlaces,
  installation: ProgramPlaces,
  nightly: NightlyTime,
): readonly SetupItem[] {
  const items: SetupItem[] = [];
  const cron = cronFile(installation, nightly);
  if (cron !== null) {
    const isPolled = installation.programs.has('autossl_check_queue');
    items.push({
      part: 'cron',
      path: places.cronFile,
      thing: { kind: 'file', contents: cron, mode: CRON_MODE },
      purpose: `autossl_check --all every night${isPolled ? ', the poller every 5 minutes' : ''}`,
    });
  }
  const hook = maintenanceHook(installation);
  if (hook !== null) {
    items.push({
      part: 'cron',
      path: places.maintenanceHook,
      thing: { kind: 'file', contents: hook, mode: HOOK_MODE },
      purpose: 'a script that maintenance jobs can call',
    });
  }
  for (const [place, name, program] of LINKED_PROGRAMS) {
    const target = installation.programs.get(program);
    if (target === undefined) continue;
    items.push({
      part: 'cpanel-paths',
      path: `${places[place]}/${name}`,
      thing: { kind: 'link', target },
      purpose: `a link to ${target}`,
    });
  }
  const sudoers = sudoersFile(installation);
  if (sudoers !== null) {
    items.push({
      part: 'sudoers',
      path: places.sudoers,
      thing: { kind: 'file', contents: sudoers, mode: SUDOERS_MODE },
      purpose: 'accounts may have uapi answer for themselves',
    });
  }
  return items.filter(({ part }) => parts.includes(part));
}

/**
 * The steps that bring these parts to what is wanted: nothing of others is touched, nor what was changed by hand. What an
 * earlier set-up made and nobody wants any more (its program is gone) is removed.
 */
export function planSetUp(
  parts: readonly SetupPart[],
  items: readonly SetupItem[],
  made: readonly MadeThing[],
  found: (path: string) => FoundThing,
): readonly SetupStep[] {
  const wanted = new Set(items.map(({ path }) => path));
  const obsolete = made.filter(
    ({ part, path, kind }) => kind !== 'folder' && parts.includes(part) && !wanted.has(path),
  );
  return [
    ...items.map((item) =>
      stepFor(
        item,
        made.find(({ path }) => path === item.path),
        found(item.path),
      ),
    ),
    ...obsolete.map((thing) => removalOf(thing, found(thing.path))),
  ];
}

/** The steps that take away what was made for these parts, the newest first, and nothing else. */
export function planUndo(
  parts: readonly SetupPart[],
  made: readonly MadeThing[],
  found: (path: string) => FoundThing,
): readonly SetupStep[] {
  const own = made.filter(({ part }) => parts.includes(part));
  const things = own.filter(({ kind }) => kind !== 'folder').reverse();
  const steps = things.map((thing) => removalOf(thing, found(thing.path)));
  // Folders go when nothing but what is removed lies in them; whether it does shows when they are removed.
  const folders = own.filter(({ kind }) => kind === 'folder').reverse();
  return [...steps, ...folders.map((thing) => removalOf(thing, found(thing.path)))];
}

function stepFor(item: SetupItem, made: MadeThing | undefined, found: FoundThing): SetupStep {
  const { part, path, purpose } = item;
  const step = (action: SetupAction, because: string): SetupStep => ({ action, part, path, because, item });
  if (found.state === 'absent') return step('make', purpose);
  const mark = markOf(found);
  if (mark !== null && mark === markOfItem(item)) return step('keep', purpose);
  if (made === undefined) return step('refuse', 'something lies there that setup did not make');
  if (mark !== null && made.marks.includes(mark)) return step('replace', purpose);
  return step('leave', 'it was changed by hand since; remove it to have it made again');
}

function removalOf(thing: MadeThing, found: FoundThing): SetupStep {
  const step = (action: SetupAction, because: string): SetupStep => ({
    action,
    part: thing.part,
    path: thing.path,
    because,
    item: null,
  });
  if (found.state === 'absent') return step('forget', 'it is gone already');
  if (thing.kind === 'folder') {
    return found.state === 'folder'
      ? step('remove', 'if nothing else lies in it')
      : step('leave', 'it is no folder any more');
  }
  const mark = markOf(found);
  return mark !== null && thing.marks.includes(mark)
    ? step('remove', 'setup made it')
    : step('leave', 'it was changed by hand since');
}

/** The mark of what an item wants. */
export function markOfItem({ thing }: SetupItem): string {
  return thing.kind === 'file' ? `sha256:${digestOf(thing.contents)}` : `link:${thing.target}`;
}

function markOf(found: FoundThing): string | null {
  if (found.state === 'file') return `sha256:${found.digest}`;
  return found.state === 'link' ? `link:${found.target}` : null;
}
