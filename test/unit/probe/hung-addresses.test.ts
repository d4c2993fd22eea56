import { expect, test } from '@jest/globals';
import { HungAddresses } from '../../../src/adapters/probe/hung-addresses.js';

const MINUTE_MS = 60_000;

test('an address is believed to hang for ten minutes, and no longer than until it answers the account', () => {
  let now = 0;
  const hung = new HungAddresses(() => now);
  for (let time = 0; time < 3; time += 1) {
    expect(hung.isHung('192.0.2.1 80', 'alice')).toBe(false);
    hung.noteHang('192.0.2.1 80', 'alice');
  }
  expect(hung.isHung('192.0.2.1 80', 'alice')).toBe(true);
  expect(hung.isHung('192.0.2.1 443', 'alice')).toBe(false);
  now += 10 * MINUTE_MS;
  expect(hung.isHung('192.0.2.1 80', 'alice')).toBe(false);
  hung.noteHang('192.0.2.1 80', 'alice');
  expect(hung.isHung('192.0.2.1 80', 'alice')).toBe(true);
  hung.noteAnswer('192.0.2.1 80', 'alice');
  expect(hung.isHung('192.0.2.1 80', 'alice')).toBe(false);
});
