import { openRunLog } from '../../../src/adapters/journal/run-log.js';
import { systemClock } from '../../../src/adapters/system/clock.js';
import { Tree } from '../../../src/adapters/system/tree.js';

// Writes many lines into a log, whatever the disk says, and then what closing it said.
const [root = '', lines = '0'] = process.argv.slice(2);
const log = await openRunLog(new Tree(root), { provider: 'P', username: '*', clock: systemClock });
for (let i = 0; i < Number(lines); i += 1) {
  log.record({ type: 'out', code: 'X', indent: 0, contents: `line ${i} of a log that grows and grows` });
}
await log.close().then(
  () => process.stdout.write(`${log.startedAt} ok\n`),
  (error) => process.stdout.write(`${log.startedAt} ${error.code} ${error.message}\n`),
);
