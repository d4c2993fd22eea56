import { ignoreCallersTerminal, shedCallersHold } from '../../../src/adapters/background/callers-hold.js';

// Sheds its caller's hold again and again, and says so. As root's half of uapi, it ignores the terminal before.
const [times = '1'] = process.argv.slice(2);
ignoreCallersTerminal();
process.stdout.write('begun\n');
for (let i = 0; i < Number(times); i += 1) shedCallersHold();
process.stdout.write('done\n');
