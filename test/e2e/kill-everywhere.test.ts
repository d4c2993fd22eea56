import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { crashStories, pointsOfFirstRun, sampleOf } from '../support/failpoints/crashed-server.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import type { ServerKind } from '../support/hosting-server.js';
import { longPartOf } from '../support/long-part.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';

const isLong = process.env['LONG'] === '1';
/** Points of the short form, for each web server. */
const SAMPLE = 6;
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

  test.each<[ServerKind, string]>([
    ['nginx', isLong ? 'all' : `${SAMPLE}`],
    ['apache', isLong ? 'all' : `${SAMPLE}`],
  ])(
    `%s: after it and one more run every pair is whole and served, nothing that was issued is lost (%s points, seed ${TEST_SEED})`,
    async (kind) => {
      const all = await pointsOfFirstRun(ca, kind);
      expect(new Set(all).size).toBeGreaterThanOrEqual(60);
      for (const [what, pattern] of KINDS_OF_CHANGE)
        expect([what, all.some((one) => pattern.test(one))]).toEqual([what, true]);
      const points = isLong ? longPartOf(all) : sampleOf(all, SAMPLE, seededChance(kind.length));
      const stories = await crashStories(ca, kind, points, (killAt) => ({ killAt }), 'k');
      expect(stories.filter(({ faults }) => faults.length > 0)).toEqual([]);
      const unmet = stories.filter(({ exitCode }) => exitCode !== null).map(({ point }) => point);
      const wasted = stories.reduce((sum, story) => sum + story.wasted, 0);
      process.stderr.write(
        `${kind}: killed at ${stories.length - unmet.length} of ${stories.length} points (of ${all.length}); ${wasted} newOrders wasted\n`,
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
