import { checkServicesProgram } from '../command-lines/check-services.js';
import { runProgram } from '../run-program.js';

void runProgram(checkServicesProgram(), process.argv);
