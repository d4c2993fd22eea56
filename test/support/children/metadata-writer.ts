import { FileMetadata } from '../../../src/adapters/store/choices/metadata.js';
import { Tree } from '../../../src/adapters/system/tree.js';
import { parseMetadataKey } from '../../../src/runs/manage/metadata.js';

// Changes one key many times, and looks after each change whether it is still there.
const [root = '', name = '', times = '0'] = process.argv.slice(2);
const store = new FileMetadata(new Tree(root));
const key = parseMetadataKey(name);
process.stdout.write('ready\n');
let lost = 0;
for (let i = 1; i <= Number(times); i += 1) {
  const value = i % 2 === 1;
  await store.set(key, value);
  if ((await store.read()).get(key) !== value) lost += 1;
}
process.stdout.write(`lost ${lost}\n`);
