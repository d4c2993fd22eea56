import { createInterface } from 'node:readline';
import { FileLockKeeper } from '../../../src/adapters/system/locks/locks.js';
import { Tree } from '../../../src/adapters/system/tree.js';
import type { HeldLock } from '../../../src/runs/ports/locks.js';

// Takes the lock when told to, and says what it sees.
const [root = '', name = ''] = process.argv.slice(2);
const keeper = new FileLockKeeper(new Tree(root));
let held: HeldLock | undefined;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

say('ready');
for await (const command of createInterface({ input: process.stdin })) {
  if (command === 'try') {
    const result = await keeper.tryAcquire(name, 'child');
    if ('heldBy' in result) say(`held by ${result.heldBy.pid} ${result.heldBy.note}`);
    else {
      held = result;
      say('got it');
    }
  } else if (command === 'assert') {
    await held?.assertHeld().then(
      () => say('mine'),
      (error) => say(String(error.code)),
    );
  } else if (command === 'release') {
    await held?.release();
    say('released');
  } else if (command === 'count') {
    // Many processes add to one counter file under the lock: any overlap loses an addition.
    const { readFileSync, writeFileSync } = await import('node:fs');
    for (let i = 0; i < 20; i += 1) {
      const lock = await keeper.acquire(name, 'child');
      const file = `${root}/counter`;
      const before = Number(readFileSync(file, 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, 2));
      await lock.assertHeld();
      writeFileSync(file, String(before + 1));
      await lock.release();
    }
    say('counted');
  }
}
