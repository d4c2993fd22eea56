import { shedCallersHold } from '../../../src/adapters/background/callers-hold.js';

// Sheds its caller's hold again and again, and says so.
const [times = '1'] = process.argv.slice(2);
process.stdout.write('begun\n');
for (let i = 0; i < Number(times); i += 1) shedCallersHold();
process.stdout.write('done\n');
