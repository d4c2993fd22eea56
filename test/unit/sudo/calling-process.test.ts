import { describe, expect, test } from '@jest/globals';
import { uidAbove } from '../../../src/adapters/sudo/calling-process.js';

/** pid → parent and real uid. */
const uidIn = (processes: Readonly<Record<number, readonly [parent: number, uid: number]>>, from: number) =>
  uidAbove(from, (pid) => {
    const found = processes[pid];
    if (found === undefined) throw new Error('ESRCH');
    return `Name:\tx\nPPid:\t${found[0]}\nUid:\t${found[1]}\t0\t0\t0\n`;
  });

describe('who called sudo', () => {
  test('is the parent of sudo', () => {
    expect(uidIn({ 30: [20, 0], 20: [10, 1001], 10: [1, 1002], 1: [0, 0] }, 30)).toBe(1001);
  });
  test('is found above the second process that sudo has for a terminal', () => {
    expect(uidIn({ 31: [30, 0], 30: [20, 0], 20: [1, 1001] }, 31)).toBe(1001);
  });
  test.each([
    ['root called', { 30: [20, 0], 20: [1, 0], 1: [0, 0] }],
    ['the caller is gone', { 30: [1, 0], 1: [0, 0] }],
    ['it ends meanwhile', { 30: [20, 0] }],
    ['the chain has no end', { 30: [30, 0] }],
  ] as const)('is nobody when %s', (_, processes) => {
    expect(uidIn(processes, 30)).toBeNull();
  });
  test('is nobody where /proc says something else', () => {
    expect(uidAbove(30, () => '')).toBeNull();
  });
});
