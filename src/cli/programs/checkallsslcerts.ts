import { checkServicesProgram } from '../command-lines/check-services.js';
import { runProgram } from '../run-program.js';

await runProgram(checkServicesProgram(), process.argv);
