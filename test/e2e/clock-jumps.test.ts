import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import {
  type CrashStory,
  crashStories,
  pointsOfFirstRun,
  sampleOf,
} from '../support/failpoints/crashed-server.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';

const isLong = process.env['LONG'] === '1';
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const JUMPS_MS = [2 * HOUR_MS, -2 * HOUR_MS, 10 * YEAR_MS, -10 * YEAR_MS];
/** For each jump. */
const POINTS = isLong ? 40 : 3;

const NONE = /^$/;
/**
 * What was issued just now seems to have expired for years: it is dropped and ordered again, and is not kept in mind; when
 * it is in place already, copies by name come with the next certificate. Websites keep what they had, or get what is new.
 */
const OF_WHAT_SEEMED_EXPIRED =
  /^issued \d+, recorded \d+$|: the copy of \S+ differs$|^\d+ orders placed$|^(?:said|then): /;

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
      const all = await pointsOfFirstRun(ca, 'nginx');
      for (const [index, jumpMs] of JUMPS_MS.entries()) {
        const points = sampleOf(all, POINTS, seededChance(20 + index));
        const stories = await crashStories(
          ca,
          'nginx',
          points,
          (jumpAt) => ({ jumpAt, jumpMs }),
          `j${index}x`,
        );
        const excused = jumpMs === Math.max(...JUMPS_MS) ? OF_WHAT_SEEMED_EXPIRED : NONE;
        const faultsOf = (story: CrashStory) => story.faults.filter((fault) => !excused.test(fault));
        expect(stories.filter((story) => faultsOf(story).length > 0)).toEqual([]);
      }
    },
    HOUR_MS,
  );
});
