import { AutosslError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { OrphanNote } from '../../core/plan/orphans.js';
import type { NamedPlaces } from '../../core/plan/served/named-places.js';
import {
  copyRemoved,
  orphansKept,
  websiteArchived,
  websiteLeft,
  websitesStillNamed,
} from '../../core/report/events/orphan-events.js';
import { websiteFailed } from '../../core/report/events/work-events.js';
import type { HeldLock } from '../ports/locks.js';
import type { NameCopy } from '../ports/orphans.js';
import { type OrphanHost, refOf } from './orphan-host.js';
import type { RunRecorder } from './run-recorder.js';
import { readNamedPlaces } from './server-names.js';

/** A copy of a certificate that its website's later ones followed, without the copy's name. */
export interface LeftOverCopy {
  readonly copy: NameCopy;
  readonly website: WebsiteRef;
}

/** What is to be archived or removed unless a server names it. */
export interface OrphanWork {
  readonly due: readonly OrphanNote[];
  readonly copies: readonly LeftOverCopy[];
}

/**
 * Archives what is due, under each website's lock and then that of installations, after all configurations were read. A
 * website that another process works on waits for the next run. @throws StateError LOCK_LOST, and the signal's reason
 */
export async function archiveOrphans(
  work: OrphanWork,
  { begunAt, signal }: { readonly begunAt: Date; readonly signal: AbortSignal },
  host: OrphanHost,
  recorder: RunRecorder,
): Promise<void> {
  const count = work.due.length + work.copies.length;
  if (count === 0) return;
  const locks = new Map<string, HeldLock>();
  try {
    const vhosts = [...work.due, ...work.copies.map(({ website }) => website)].map(({ vhost }) => vhost);
    for (const vhost of new Set(vhosts)) {
      const lock = await host.locks.tryAcquire(`website:${vhost}`, 'autossl_check (removed websites)');
      if (!('heldBy' in lock)) locks.set(vhost, lock);
    }
    const web = await host.locks.acquire('install:web', 'autossl_check (removed websites)', signal);
    try {
      const named = await readNamedPlaces(host.install.webServers());
      if ('unknown' in named) recorder.record(orphansKept(count, printable(named.unknown)));
      else await new Archiving(named, begunAt, locks, web, host, recorder).carryOut(work);
    } finally {
      await web.release();
    }
  } finally {
    for (const lock of locks.values()) await lock.release();
  }
}

class Archiving {
  readonly #named: NamedPlaces;
  readonly #begunAt: Date;
  readonly #locks: ReadonlyMap<string, HeldLock>;
  readonly #web: HeldLock;
  readonly #host: OrphanHost;
  readonly #recorder: RunRecorder;

  constructor(
    named: NamedPlaces,
    begunAt: Date,
    locks: ReadonlyMap<string, HeldLock>,
    web: HeldLock,
    host: OrphanHost,
    recorder: RunRecorder,
  ) {
    this.#named = named;
    this.#begunAt = begunAt;
    this.#locks = locks;
    this.#web = web;
    this.#host = host;
    this.#recorder = recorder;
  }

  async carryOut({ due, copies }: OrphanWork): Promise<void> {
    const stillNamed: string[] = [];
    for (const note of due) {
      const lock = this.#locks.get(note.vhost);
      if (lock === undefined) continue;
      await this.#each(refOf(note), async () => {
        if (await this.#archive(note, lock)) stillNamed.push(note.vhost);
      });
    }
    if (stillNamed.length > 0) this.#recorder.record(websitesStillNamed(stillNamed));
    for (const { copy, website } of copies) {
      if (this.#locks.get(website.vhost) === undefined) continue;
      await this.#each(website, async () => {
        const isRemoved = await this.#host.orphans.sets.removeCopy(copy, website, this.#named);
        if (isRemoved) this.#recorder.record(copyRemoved(website, copy.name));
      });
    }
  }

  /** Whether a server still names it. */
  async #archive(note: OrphanNote, lock: HeldLock): Promise<boolean> {
    const { sets } = this.#host.orphans;
    const archival = await sets.archive(refOf(note), this.#named, this.#begunAt, async () => {
      await this.#web.assertHeld();
      await lock.assertHeld();
    });
    if (archival.state === 'archived') this.#recorder.record(websiteArchived(note));
    if (archival.state === 'left') this.#recorder.record(websiteLeft(note, archival.why));
    return archival.state === 'named';
  }

  /** One website's trouble is its own. */
  async #each(website: WebsiteRef, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!(error instanceof AutosslError) || error.code === 'LOCK_LOST') throw error;
      this.#recorder.record(websiteFailed(website, error.code, printable(error.message), error.advice));
    }
  }
}
