import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ServerStation } from '../../../src/adapters/setup/station.js';
import { FileLockKeeper } from '../../../src/adapters/system/locks/locks.js';
import { type SetUpHost, type SetUpReport, type SetupStation, setUp } from '../../../src/runs/set-up.js';
import { listTree } from '../../support/file-tree.js';
import { scratchTree } from '../../support/scratch.js';

class Killed extends Error {}

/** Stands for the server; the process is killed just before its n-th change. */
class DyingStation implements SetupStation {
  readonly places;
  readonly #station: SetupStation;
  #left: number;

  constructor(station: SetupStation, step: number) {
    this.#station = station;
    this.#left = step;
    this.places = station.places;
  }

  readInstallation = () => this.#station.readInstallation();
  readJournal = () => this.#station.readJournal();
  look = (path: string) => this.#station.look(path);
  missingFolders = (path: string) => this.#station.missingFolders(path);
  writeJournal: SetupStation['writeJournal'] = async (journal) =>
    this.#live(() => this.#station.writeJournal(journal));
  make: SetupStation['make'] = async (item) => this.#live(() => this.#station.make(item));
  remove: SetupStation['remove'] = async (path) => this.#live(() => this.#station.remove(path));
  removeFolder: SetupStation['removeFolder'] = async (path) =>
    this.#live(() => this.#station.removeFolder(path));

  #live<T>(change: () => T): T {
    this.#left -= 1;
    if (this.#left === 0) throw new Killed();
    return change();
  }
}

function run(host: SetUpHost, isUndo: boolean): Promise<SetUpReport> {
  const parts = ['cron', 'cpanel-paths'] as const;
  return setUp({ parts, isUndo, isDryRun: false }, host, () => undefined);
}

test('killed before any change, setup and undo can be told again, and undo leaves nothing', async () => {
  const { tree, root, remove } = scratchTree();
  try {
    const station = new ServerStation(tree, join(process.cwd(), 'bin/autossl'), process.execPath);
    const host = { random: { bytes: () => new Uint8Array(4) }, locks: new FileLockKeeper(tree), station };
    const outside = () => listTree(root).filter((line) => !line.startsWith('var'));
    await run(host, false);
    const whole = outside();
    await run(host, true);
    expect(outside()).toEqual([]);
    const kill = async (step: number, isUndo: boolean): Promise<boolean> => {
      const dying = { ...host, station: new DyingStation(station, step) };
      const error = await run(dying, isUndo).catch((reason: unknown) => reason);
      return error instanceof Killed;
    };
    let step = 1;
    for (; await kill(step, false); step += 1) {
      expect(await run(host, true)).toMatchObject({ exitCode: 0 });
      expect(outside()).toEqual([]);
      await kill(step, false);
      expect(await run(host, false)).toMatchObject({ exitCode: 0 });
      expect(outside()).toEqual(whole);
      await kill(step, true);
      expect(await run(host, true)).toMatchObject({ exitCode: 0 });
      expect(outside()).toEqual([]);
    }
    expect(step).toBeGreaterThan(9);
  } finally {
    remove();
  }
});
