import { checkProgram } from '../command-lines/check.js';
import { runProgram } from '../run-program.js';

void runProgram(checkProgram(), process.argv);
