import { InstallError, StateError } from '../../core/domain/autossl-error.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { FormerSet } from '../ports/certificates.js';
import type { HeldLock } from '../ports/locks.js';
import type { InstallHost, InstallMember, InstallOutcome } from './install-ports.js';

type Held = Extract<InstallOutcome, { state: 'held' }>;

/** What one transaction put in place, and what lay there before. */
export class PublishedPairs {
  readonly #host: InstallHost;
  readonly #lock: HeldLock;
  readonly #formers = new Map<string, FormerSet | null>();

  /** `lock`: that of the installation; each member has its website's beside it. */
  constructor(host: InstallHost, lock: HeldLock) {
    this.#host = host;
    this.#lock = lock;
  }

  /** Remembers what lies there (a half-done publication of the same pair does not count); else why it cannot be told. */
  async remember(member: InstallMember): Promise<Held | null> {
    try {
      this.#formers.set(member.website.vhost, await this.#host.certificates.readFormer(member));
      return null;
    } catch (error) {
      return heldBecause(error);
    }
  }

  /** What lay there; of a member that was remembered. */
  formerOf(member: InstallMember): FormerSet | null {
    return this.#formers.get(member.website.vhost) ?? null;
  }

  /** Null when it lies there; else why nothing was touched. */
  async publish(member: InstallMember): Promise<Held | null> {
    try {
      await this.#host.certificates.publish(member, async () => {
        await this.#host.debt.owe();
        await this.#assertHeld(member);
      });
      return null;
    } catch (error) {
      return heldBecause(error);
    }
  }

  /** Puts back what lay there before; what could not be put back, in words. */
  async restore(members: readonly InstallMember[]): Promise<readonly string[]> {
    const faults: string[] = [];
    for (const member of members) {
      try {
        await this.#host.certificates.restore(member.website, this.formerOf(member), () =>
          this.#assertHeld(member),
        );
      } catch (error) {
        if (!(error instanceof InstallError) && !isLockLost(error)) throw error;
        faults.push(error.message);
      }
    }
    return faults;
  }

  /** Of the members those whose pair lies there already: a run before this one died before its proof. */
  async halfDone(members: readonly InstallMember[]): Promise<readonly InstallMember[]> {
    const found: InstallMember[] = [];
    for (const member of members) {
      const evidence = await this.#host.certificates.gatherEvidence(member.website);
      if (evidence.kind === 'present' && evidence.leaf.fingerprint === member.leaf.fingerprint)
        found.push(member);
    }
    return found;
  }

  pathOf(website: WebsiteRef): string {
    return this.#host.certificates.pathOf(website);
  }

  async #assertHeld(member: InstallMember): Promise<void> {
    await member.lock.assertHeld();
    await this.#lock.assertHeld();
  }
}

/** @throws what is no fault of this website's alone */
function heldBecause(error: unknown): Held {
  if (error instanceof InstallError && (error.code === 'PAIR_MISMATCH' || error.code === 'PUBLISH_FAILED')) {
    const advice = error.advice ?? ADVICE[error.code];
    return { state: 'held', code: error.code, why: error.message, advice };
  }
  if (isLockLost(error)) {
    return { state: 'held', code: 'LOCK_LOST', why: error.message, advice: 'The next run goes on with it.' };
  }
  throw error;
}

const ADVICE = {
  PAIR_MISMATCH:
    'Somebody changed what is staged for it: put the right key back under staging/, or remove its record under orders/ so that it is ordered anew.',
  PUBLISH_FAILED: 'When that is mended the next run goes on without a new order.',
} as const;

function isLockLost(error: unknown): error is StateError {
  return error instanceof StateError && error.code === 'LOCK_LOST';
}
