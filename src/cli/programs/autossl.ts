import { autosslProgram } from '../command-lines/autossl.js';
import { runProgram } from '../run-program.js';

void runProgram(autosslProgram(process.argv[2]), process.argv);
