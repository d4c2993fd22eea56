import { isChallengeToken, PREFLIGHT_TOKEN_PREFIX } from '../../core/dcv/challenge.js';
import type { PlacementFault } from '../../core/dcv/outcome.js';
import { type AccountName, parseAccountName } from '../../core/domain/account/account-name.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import type { ChallengeSolver, HttpChallenge } from '../../runs/ports/challenges.js';
import type { Clock } from '../../runs/ports/clock.js';
import type { Tree } from '../system/tree.js';
import { AccountHelper, type HelperAnswer, type HelperRequest } from './account-helper.js';
import { findAccountIdentity, type HomeDirectoryOf } from './account-identity.js';
import { type Placement, PlacementJournal } from './placement-journal.js';

/** PATH_MAX: nothing longer can be opened. */
const MAX_PATH = 4096;
/** A helper without files waits so long for more, in ms, before it ends. */
const IDLE_MS = 3_000;

type Removed = Parameters<ChallengeSolver['cleanUp']>[0];

export interface AccountFolderSettings {
  readonly homeDirectoryOf: HomeDirectoryOf;
  /** For one request to a helper, in ms (default 10 s). */
  readonly timeoutMs?: number;
}

/**
 * Challenge files in the websites' own document roots, written by one helper process per account that runs as the
 * account (design 5.10). As many helpers live as the run has accounts under way; one that has nothing left ends.
 */
export class AccountFolderSolver implements ChallengeSolver {
  readonly #tree: Tree;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #settings: AccountFolderSettings;
  readonly #journal: PlacementJournal;
  readonly #desks = new Map<string, HelperDesk>();

  constructor(tree: Tree, clock: Pick<Clock, 'now'>, settings: AccountFolderSettings) {
    this.#tree = tree;
    this.#clock = clock;
    this.#settings = settings;
    this.#journal = new PlacementJournal(tree);
  }

  /** @throws StateError when our own journal cannot be written */
  async present(challenge: HttpChallenge): Promise<HelperAnswer> {
    const { token, content } = challenge;
    const { account, documentRoot } = challenge.website;
    if (!isChallengeToken(token)) {
      return { ok: false, why: `${quoteForMessage(token)} is no token that may name a file`, fault: 'ours' };
    }
    const path = this.#tree.at(documentRoot);
    if (path.length > MAX_PATH || path.includes('\0')) {
      return {
        ok: false,
        why: `document root ${quoteForMessage(documentRoot)} is no usable path`,
        fault: 'ours',
      };
    }
    await this.#journal.note({ account, documentRoot, token }, this.#clock.now());
    const desk = this.#deskOf(account);
    desk.tokens.add(token);
    const isForCa = !token.startsWith(PREFLIGHT_TOKEN_PREFIX);
    return desk.request({ op: 'place', documentRoot: path, token, content, isForCa });
  }

  /** What cannot be removed is left to a later sweep: it lies in the customer's folder and is the customer's to see. */
  async cleanUp({ account, documentRoot, token }: Removed): Promise<void> {
    const placement = { account, documentRoot, token };
    if (await this.#clean(placement, this.#journal.placedAt(placement))) {
      await this.#journal.forget(placement);
    }
  }

  async sweep(wanted: ReadonlySet<string>): Promise<void> {
    const { placements, done } = await this.#journal.readDead(wanted);
    for (const placement of placements) await this.#clean(placement, placement.placedAt);
    await done();
  }

  /** Helpers end; files of orders that are still pending stay for the CA, and their records name them. */
  async close(): Promise<void> {
    await Promise.all([...this.#desks.values()].map((desk) => desk.close()));
  }

  async #clean({ account, documentRoot, token }: Placement, placedAt: Date | null): Promise<boolean> {
    if (!isChallengeToken(token)) return true;
    const name = parseAccount(account);
    if (name === undefined) return true;
    const desk = this.#deskOf(name);
    const answer = await desk.request({
      op: 'clean',
      documentRoot: this.#tree.at(documentRoot),
      token,
      placedAtMs: placedAt?.getTime() ?? null,
    });
    desk.tokens.delete(token);
    desk.rest();
    return answer.ok;
  }

  #deskOf(account: AccountName): HelperDesk {
    const existing = this.#desks.get(account);
    if (existing !== undefined) return existing;
    const desk = new HelperDesk(() => this.#start(account));
    this.#desks.set(account, desk);
    return desk;
  }

  async #start(account: AccountName): Promise<AccountHelper | PlacementFault> {
    const found = await findAccountIdentity(this.#tree, account, this.#settings.homeDirectoryOf);
    // Whose uid an account has is written where root alone writes.
    if (!found.ok) return { why: found.why, fault: 'ours' };
    const { timeoutMs } = this.#settings;
    const options = timeoutMs === undefined ? {} : { timeoutMs };
    return AccountHelper.start(found.identity, this.#tree.root, options);
  }
}

/** Where one account's requests come in: starts its helper when there is something to do, and anew when it died. */
class HelperDesk {
  /** Files that it placed and did not yet remove. */
  readonly tokens = new Set<string>();
  readonly #start: () => Promise<AccountHelper | PlacementFault>;
  #helper: Promise<AccountHelper | PlacementFault> | undefined;
  #busy = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(start: () => Promise<AccountHelper | PlacementFault>) {
    this.#start = start;
  }

  async request(request: HelperRequest): Promise<HelperAnswer> {
    clearTimeout(this.#idle);
    this.#busy++;
    try {
      const helper = await this.#living();
      return helper instanceof AccountHelper ? await helper.request(request) : { ok: false, ...helper };
    } finally {
      this.#busy--;
    }
  }

  /** Ends the helper after a while without work. */
  rest(): void {
    clearTimeout(this.#idle);
    if (this.#busy > 0 || this.tokens.size > 0) return;
    this.#idle = setTimeout(() => void this.close(), IDLE_MS);
    this.#idle.unref();
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const ending = this.#helper;
    this.#helper = undefined;
    const helper = await ending;
    if (helper instanceof AccountHelper) await helper.leave();
  }

  async #living(): Promise<AccountHelper | PlacementFault> {
    for (;;) {
      const known = this.#helper;
      const helper = await known;
      if (helper instanceof AccountHelper && helper.isAlive) return helper;
      // Several requests may have waited for the same dead one: the first of them starts the next.
      if (this.#helper !== known) continue;
      this.#helper = this.#start();
      return this.#helper;
    }
  }
}

function parseAccount(text: string): AccountName | undefined {
  try {
    return parseAccountName(text);
  } catch {
    return undefined;
  }
}
