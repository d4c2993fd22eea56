import { checkProgram } from '../command-lines/check.js';
import { runProgram } from '../run-program.js';

await runProgram(checkProgram(), process.argv);
