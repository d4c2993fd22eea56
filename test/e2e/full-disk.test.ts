import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { crashStories, sampleOf } from '../support/failpoints/crash-stories.js';
import { CRASH_SUBJECTS } from '../support/failpoints/crash-subjects.js';
import type { AtPoint } from '../support/failpoints/hooked-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { longPartOf } from '../support/long-part.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';

const isLong = process.env['LONG'] === '1';
const LONGEST_MS = 3_600_000;

/** What a file system says in turn; each once, and to everything from then on. */
const REFUSALS: readonly Pick<AtPoint, 'code' | 'isLasting'>[] = (
  ['ENOSPC', 'EROFS', 'EACCES', 'EDQUOT'] as const
).flatMap((code) => [
  { code, isLasting: true },
  { code, isLasting: false },
]);
const IS_FILE_STEP =
  /^(?:append|chmod|chown|create|datasync|link|mkdir|rename|rm|rmdir|symlink|sync|unlink|utimes|write) \//;

const parts = ['pebble', 'openssl', 'nginx', 'apache'] as const;
describeWithParts('a file system that refuses a change', parts, () => {
  let ca: HostingCa;
  beforeAll(async () => {
    buildPrograms();
    ca = await startHostingCa();
  });
  afterAll(() => ca?.stop());

  test.each(CRASH_SUBJECTS)(
    `$name: the last good state stays, it is said in words, and the next run mends it (seed ${TEST_SEED})`,
    async ({ name, open, sample }) => {
      const subject = open(ca);
      const all = (await subject.points()).filter((one) => IS_FILE_STEP.test(one));
      const points = isLong ? longPartOf(all) : sampleOf(all, sample, seededChance(10 + name.length));
      // The seed turns the wheel: another one has each point meet another refusal.
      const refusalAt = (number: number) => REFUSALS[(number + TEST_SEED) % REFUSALS.length];
      const stories = await crashStories(
        subject,
        points,
        (failAt, number) => ({ failAt, ...refusalAt(number) }),
        'f',
      );
      expect(stories.filter(({ faults }) => faults.length > 0)).toEqual([]);
      const wasted = stories.reduce((sum, story) => sum + story.wasted, 0);
      process.stderr.write(`${name}: refused ${stories.length} changes; ${wasted} newOrders wasted\n`);
    },
    LONGEST_MS,
  );
});
