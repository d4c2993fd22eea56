import { expect, test } from '@jest/globals';
import {
  AcmeProtocolError,
  ConfigurationError,
  InstallError,
  InternalError,
  StateError,
  UsageError,
} from '../../../src/core/domain/autossl-error.js';
import { exitCodeForError } from '../../../src/core/report/check/exit-code.js';

test.each<[string, unknown, number]>([
  ['a wrong command line', new UsageError('NO_SCOPE', ''), 2],
  ['a wrong setting', new ConfigurationError('BAD_SETTING', ''), 3],
  ['an unreadable tree', new StateError('TREE_UNREADABLE', ''), 3],
  ['a brake', new StateError('BRAKE', ''), 3],
  ['a lock that was lost', new StateError('LOCK_LOST', ''), 3],
  ['another run', new StateError('LOCKED', ''), 75],
  ['a CA that cannot be talked to', new AcmeProtocolError('UNREACHABLE', ''), 1],
  ['files that cannot be put in place', new InstallError('PUBLISH_FAILED', ''), 1],
  ['a mistake of ours that is known as such', new InternalError('BUG', ''), 3],
  ['a mistake of ours', new TypeError('x is not a function'), 3],
  ['something thrown that is no error', 'oops', 3],
])('%s ends a program with the exit code of the table', (_, error, exitCode) => {
  expect(exitCodeForError(error)).toBe(exitCode);
});
