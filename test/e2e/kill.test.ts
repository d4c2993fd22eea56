import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { faultsAfterKills } from '../support/after-crash.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { type ChallengeMethod, type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';
import { type ProgramEnd, startBin } from '../support/started-program.js';

const KILLS = process.env['LONG'] === '1' ? 100 : 6;
/** Trees under way at once: half of a run is waiting for the CA. */
const LANES = 3;
const WEBSITES = 10;
/** How often a kill that came after the end of its run is made again, with the time that runs take by now … */
const ATTEMPTS = 5;
/** … and by so much earlier each time. */
const EARLIER = 0.9;
const LONGEST_MS = 1_200_000;

const methodOf = (index: number): ChallengeMethod => (index % 2 === 0 ? 'shared-folder' : 'account-folder');
const check = (hosted: HostedWebsites): Promise<ProgramEnd> =>
  startBin('autossl_check', ['--all'], hosted.root).ended;

describeWithParts('kill -9 of a whole run, then a run again', ['pebble', 'openssl'], () => {
  let site: CaSite;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite({ nonceReject: 20 });
  }, LONGEST_MS);
  afterAll(() => site?.stop());

  /** How long a run takes that nobody disturbs, with as many beside it as later. */
  async function cleanRunMs(): Promise<number> {
    const ends = await Promise.all(
      Array.from({ length: LANES }, async (_, lane) => {
        const method = methodOf(lane);
        return check(await hostWebsites(site, `clean${lane}`, { method, websites: WEBSITES }));
      }),
    );
    expect(ends.map(({ exitCode }) => exitCode)).toEqual(ends.map(() => 0));
    return Math.min(...ends.map((end) => end.durationMs));
  }

  /** Whether the kill came before the run's end, how long the run took, and what is wrong after the runs that follow. */
  async function killAt(
    moment: number,
    name: string,
    index: number,
  ): Promise<{ readonly wasUnderWay: boolean; readonly durationMs: number; readonly faults: string[] }> {
    const hosted = await hostWebsites(site, name, {
      method: methodOf(index),
      websites: WEBSITES,
    });
    const program = startBin('autossl_check', ['--all'], hosted.root);
    await new Promise((resolve) => setTimeout(resolve, moment));
    program.signal('SIGKILL');
    const { exitCode, durationMs } = await program.ended;
    const second = await check(hosted);
    const third = await check(hosted);
    const faults = faultsAfterKills(site, hosted, 1);
    if (second.exitCode !== 0 || faults.length > 0) {
      faults.push(`exit ${second.exitCode}: ${second.stdout}${second.stderr}`);
    }
    if (!third.stdout.includes('nothing to do')) faults.push(`third run: ${third.stdout}${third.stderr}`);
    const where = `${name} (${methodOf(index)}) after ${Math.round(moment)} ms: `;
    return { wasUnderWay: exitCode === null, durationMs, faults: faults.map((fault) => where + fault) };
  }

  test(
    `at ${KILLS} seeded random moments (seed ${TEST_SEED}): every website has its pair, nothing issued is lost`,
    async () => {
      let durationMs = await cleanRunMs();
      const chance = seededChance();
      // One moment in each of as many equal parts of a run, so that no part is missed.
      const moments = Array.from({ length: KILLS }, (_, part) => (part + chance()) / KILLS);
      const results: Awaited<ReturnType<typeof killAt>>[] = [];
      const faultsOfLateKills: string[] = [];
      const entries = moments.entries();
      const lane = async (): Promise<void> => {
        for (const [index, part] of entries) {
          // A kill that came too late shows how long a run takes by now, and is made once more.
          for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
            const result = await killAt(
              part * durationMs * EARLIER ** attempt,
              `kill${index}x${attempt}`,
              index,
            );
            if (result.wasUnderWay || attempt === ATTEMPTS - 1) {
              results.push(result);
              break;
            }
            faultsOfLateKills.push(...result.faults);
            durationMs = Math.min(durationMs, result.durationMs);
          }
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      expect(faultsOfLateKills).toEqual([]);
      expect(results.flatMap(({ faults }) => faults)).toEqual([]);
      expect(results.filter(({ wasUnderWay }) => wasUnderWay).length).toBeGreaterThanOrEqual(KILLS * 0.7);
    },
    LONGEST_MS,
  );
});
