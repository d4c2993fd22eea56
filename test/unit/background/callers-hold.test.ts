import { expect, test } from '@jest/globals';
import { limitsIn } from '../../../src/adapters/background/callers-hold.js';

test('limits of a process as prlimit takes them', () => {
  const text = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max stack size            8388608              unlimited            bytes     
Max open files            1024                 524288               files     
Max locked memory         unlimited            unlimited            bytes     
`;
  expect(limitsIn(text)).toEqual([
    '--cpu=unlimited:unlimited',
    '--stack=8388608:unlimited',
    '--nofile=1024:524288',
  ]);
  expect(limitsIn('')).toEqual([]);
});
