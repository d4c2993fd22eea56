import { checkQueueProgram } from '../command-lines/check-queue.js';
import { runProgram } from '../run-program.js';

void runProgram(checkQueueProgram(), process.argv);
