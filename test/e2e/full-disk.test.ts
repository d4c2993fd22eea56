import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { crashStories, pointsOfFirstRun, sampleOf } from '../support/failpoints/crashed-server.js';
import type { AtPoint } from '../support/failpoints/hooked-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import type { ServerKind } from '../support/hosting-server.js';
import { longPartOf } from '../support/long-part.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';

const isLong = process.env['LONG'] === '1';
/** Points of the short form, for each web server. */
const SAMPLE = 6;
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

  test.each<[ServerKind, string]>([
    ['nginx', isLong ? 'all' : `${SAMPLE}`],
    ['apache', isLong ? 'all' : `${SAMPLE}`],
  ])(
    `%s: the last good state stays, it is said in words, and the next run mends it (%s points, seed ${TEST_SEED})`,
    async (kind) => {
      const all = (await pointsOfFirstRun(ca, kind)).filter((one) => IS_FILE_STEP.test(one));
      const points = isLong ? longPartOf(all) : sampleOf(all, SAMPLE, seededChance(10 + kind.length));
      // The seed turns the wheel: another one has each point meet another refusal.
      const refusalAt = (number: number) => REFUSALS[(number + TEST_SEED) % REFUSALS.length];
      const stories = await crashStories(
        ca,
        kind,
        points,
        (failAt, number) => ({ failAt, ...refusalAt(number) }),
        'f',
      );
      expect(stories.filter(({ faults }) => faults.length > 0)).toEqual([]);
      const wasted = stories.reduce((sum, story) => sum + story.wasted, 0);
      process.stderr.write(`${kind}: refused ${stories.length} changes; ${wasted} newOrders wasted\n`);
    },
    LONGEST_MS,
  );
});
