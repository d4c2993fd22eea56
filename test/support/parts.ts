import { findPackaged, findProgram, isCi, isMissed, missingOf, type PartName } from '../../.ci/parts.mjs';

export type { PartName };

/** Phrases that name what is missing of these parts; empty when all are there. Probed once per test file. */
export function missingParts(names: readonly PartName[]): readonly string[] {
  return names.map(missingPart).filter((phrase) => phrase !== undefined);
}

/**
 * Absolute path of a program: `$PEBBLE`, `$PEBBLE_CHALLTESTSRV`, our own build of them, PATH and the sbin folders.
 * Call it in tests and hooks, not while a suite is declared. @throws Error when it is not installed
 */
export function programPath(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

/** The distribution's own, where it is installed; any other else. @throws Error when there is none */
export function packagedPath(name: string): string {
  return findPackaged(name) ?? programPath(name);
}

/** Whether it is a failure that parts are missing: some of these are. */
export const isPartRequired = (names: readonly PartName[]): boolean =>
  isCi() && names.some((name) => missingPart(name) !== undefined && isMissed(name));

const probed = new Map<PartName, string | undefined>();
function missingPart(name: PartName): string | undefined {
  if (!probed.has(name)) probed.set(name, missingOf(name));
  return probed.get(name);
}
