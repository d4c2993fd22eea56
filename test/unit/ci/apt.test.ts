import { describe, expect, test } from '@jest/globals';
import {
  areListsLacking,
  packagesOf,
  parseSimulation,
  refusalOfMachine,
  refusalOfPlan,
} from '../../../.ci/apt.mjs';

const SIMULATION = `NOTE: This is only a simulation!
Reading package lists...
The following packages will be REMOVED:
  mail-server-light
Remv mail-server-light [4.96-15]
Inst libssl3 [3.0.19-1] (3.0.22-1 Debian-Security:12/oldstable-security [amd64]) []
Inst curl [7.88.1-10] (7.88.1-11 Debian:12.15/oldstable [amd64])
Inst nginx-light (1.22.1-9 Debian:12/oldstable [all])
Conf nginx-light (1.22.1-9 Debian:12/oldstable [all])
Purg old-leftover [1.0]
`;

describe('a simulation of apt-get', () => {
  test('is read into what is new, what is upgraded and what goes away', () => {
    expect(parseSimulation(SIMULATION)).toEqual({
      installs: ['nginx-light'],
      upgrades: ['libssl3', 'curl'],
      removals: ['mail-server-light', 'old-leftover'],
    });
  });
  test('that removes anything is refused, by name', () => {
    expect(refusalOfPlan(parseSimulation(SIMULATION))).toBe(
      'apt would remove mail-server-light, old-leftover',
    );
  });
  test('that only installs and upgrades is allowed', () => {
    const plan = parseSimulation(SIMULATION.replace(/^(Remv|Purg).*$/gm, ''));
    expect(refusalOfPlan(plan)).toBeUndefined();
  });
  test.each([
    ['E: Unable to locate package pebble', true],
    ["E: Package 'pebble' has no installation candidate", true],
    ['E: Unmet dependencies.', false],
  ])('that ends with “%s” needs new lists: %s', (line, expected) => {
    expect(areListsLacking(`Reading package lists...\n${line}\n`)).toBe(expected);
  });
});

describe('a machine', () => {
  const container = { uid: 0, isDebian: true, pid1: 'sh', isCi: false };
  test.each([
    ['a container, as root, gets packages', {}, undefined],
    ['a CI machine with systemd gets packages', { pid1: 'systemd', isCi: true }, undefined],
    ['a server in use is left alone', { pid1: 'systemd' }, /systemd runs/],
    ['a normal user installs nothing', { uid: 1000 }, /root/],
    ['a normal user of a CI machine installs nothing', { uid: 1000, isCi: true }, /root/],
    ['another system is left alone', { isDebian: false }, /Debian/],
  ])('%s', (_, facts, expected) => {
    const refusal = refusalOfMachine({ ...container, ...facts });
    if (expected === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatch(expected);
  });
});

test('a package that brings two parts is asked for once, a part without package never', () => {
  const table = { a: { package: 'x' }, b: { package: 'x' }, c: { package: null }, d: { package: 'y' } };
  expect(packagesOf(['a', 'b', 'c', 'd'], table)).toEqual(['x', 'y']);
});
