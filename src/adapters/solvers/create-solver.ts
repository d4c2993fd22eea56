import type { ChallengeSolver } from '../../runs/ports/challenges.js';
import type { Clock } from '../../runs/ports/clock.js';
import type { Tree } from '../system/tree.js';
import { AccountFolderSolver } from './account-folder.js';
import type { HomeDirectoryOf } from './account-identity.js';
import { SharedFolderSolver } from './shared-folder.js';

/** `shared-folder`: root's folder, mapped by the web server (preferred); `account-folder`: each website's own document root. */
export const CHALLENGE_PLACES = ['shared-folder', 'account-folder'] as const;
export type ChallengePlace = (typeof CHALLENGE_PLACES)[number];

export interface SolverSettings {
  readonly tree: Tree;
  readonly clock: Pick<Clock, 'now'>;
  readonly place: ChallengePlace;
  /** The account data's home folder; asked for `account-folder` only. */
  readonly homeDirectoryOf: HomeDirectoryOf;
}

/** The solver that the settings ask for. */
export function createChallengeSolver(settings: SolverSettings): ChallengeSolver {
  const { tree, clock, place, homeDirectoryOf } = settings;
  return place === 'shared-folder'
    ? new SharedFolderSolver(tree, clock)
    : new AccountFolderSolver(tree, clock, { homeDirectoryOf });
}
