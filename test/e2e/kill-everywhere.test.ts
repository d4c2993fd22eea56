import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { crashStories, sampleOf } from '../support/failpoints/crash-stories.js';
import { CRASH_SUBJECTS } from '../support/failpoints/crash-subjects.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { longPartOf } from '../support/long-part.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';

const isLong = process.env['LONG'] === '1';
const LONGEST_MS = 3_600_000;
/** Of runs side by side, which answers come first differs: so many of a hundred points may not be met again. */
const MOST_UNMET_PERCENT = 10;

const parts = ['pebble', 'openssl', 'nginx', 'apache'] as const;
describeWithParts('kill -9 at every change of the world', parts, () => {
  let ca: HostingCa;
  beforeAll(async () => {
    buildPrograms();
    ca = await startHostingCa();
  });
  afterAll(() => ca?.stop());

  test.each(CRASH_SUBJECTS)(
    `$name: after it and one more run every pair is whole and served, nothing that was issued is lost (seed ${TEST_SEED})`,
    async ({ name, open, sample, leastPoints }) => {
      const subject = open(ca);
      const all = await subject.points();
      expect(new Set(all).size).toBeGreaterThanOrEqual(leastPoints);
      for (const [what, pattern] of KINDS_OF_CHANGE)
        expect([what, all.some((one) => pattern.test(one)) || name === 'checkallsslcerts']).toEqual([
          what,
          true,
        ]);
      const points = isLong ? longPartOf(all) : sampleOf(all, sample, seededChance(name.length));
      const stories = await crashStories(subject, points, (killAt) => ({ killAt }), 'k');
      expect(stories.filter(({ faults }) => faults.length > 0)).toEqual([]);
      const unmet = stories.filter(({ exitCode }) => exitCode !== null).map(({ point }) => point);
      const wasted = stories.reduce((sum, story) => sum + story.wasted, 0);
      process.stderr.write(
        `${name}: killed at ${stories.length - unmet.length} of ${stories.length} points (of ${all.length}); ${wasted} newOrders wasted\n`,
      );
      expect(unmet.length).toBeLessThanOrEqual(Math.max(1, (stories.length * MOST_UNMET_PERCENT) / 100));
    },
    LONGEST_MS,
  );
});

/** Each kind of change is among the points: the hook sees it. */
const KINDS_OF_CHANGE: readonly (readonly [string, RegExp])[] = [
  ['a folder is made', /^mkdir /],
  ['a file is made', /^create .*TMP /],
  ['a file is written', /^write .*TMP /],
  ['a file waits for the disk', /^sync .*TMP /],
  ['a file is put in place', /^rename .*combined /],
  ['a file is linked', /^link /],
  ['a file is removed', /^unlink /],
  ['a line is added', /^append /],
  ['an order is sent', /^sent POST \/order-plz /],
  ['an order is answered', /^answered POST \/order-plz /],
  ['a configuration is tested', /^ended .*(?:-T|-t|DUMP)/],
  ['a server is told to reload', /^signal (?:SIGHUP|SIGUSR1) /],
  ['a hook runs', /^running \/usr\/bin\/true /],
];
