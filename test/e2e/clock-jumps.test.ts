import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { crashStories, sampleOf } from '../support/failpoints/crash-stories.js';
import { crashedWebsites } from '../support/failpoints/crashed-server.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';

const isLong = process.env['LONG'] === '1';
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const JUMPS_MS = [2 * HOUR_MS, -2 * HOUR_MS, 10 * YEAR_MS, -10 * YEAR_MS];
/** For each jump. */
const POINTS = isLong ? 40 : 2;

describeWithParts('the clock jumps in the middle of a run', ['pebble', 'openssl', 'nginx'], () => {
  let ca: HostingCa;
  beforeAll(async () => {
    buildPrograms();
    ca = await startHostingCa();
  });
  afterAll(() => ca?.stop());

  test(
    `by two hours and by ten years, to and fro (seed ${TEST_SEED}): the run ends, and the next one, with the right time, mends what it did`,
    async () => {
      const subject = crashedWebsites(ca, 'nginx', 'first');
      const all = await subject.points();
      const codes: (number | null)[] = [];
      for (const [index, jumpMs] of JUMPS_MS.entries()) {
        const points = sampleOf(all, POINTS, seededChance(20 + index));
        const stories = await crashStories(subject, points, (jumpAt) => ({ jumpAt, jumpMs }), `j${index}x`);
        expect(stories.filter(({ faults }) => faults.length > 0)).toEqual([]);
        codes.push(...stories.map(({ exitCode }) => exitCode));
      }
      // Noticed within a second, or the work was done by then.
      expect(codes).toContain(3);
      expect(codes.filter((code) => code !== 0 && code !== 3)).toEqual([]);
    },
    HOUR_MS,
  );
});
