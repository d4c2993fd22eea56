import { checkQueueProgram } from '../command-lines/check-queue.js';
import { runProgram } from '../run-program.js';

await runProgram(checkQueueProgram(), process.argv);
