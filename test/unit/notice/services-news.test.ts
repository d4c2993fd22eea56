import { describe, expect, test } from '@jest/globals';
import { servicesNews, type ToldServices } from '../../../src/core/notice/services/services-news.js';
import type { ServicesReport } from '../../../src/core/report/services/services-report.js';
import { day } from '../../support/notice-rig.js';

/** A run that found these problems. */
function found(...codes: readonly string[]): ServicesReport {
  return {
    ...{ schemaVersion: 1, exitCode: 0, provider: 'LetsEncrypt', hostname: 'host.test', log: '' },
    ...{ services: [], standstills: [], pending: [], waiting: [], faults: [], warnings: [], retry: null },
    problems: codes.map((code) => ({ code, message: `${code} since 5 hours`, advice: null })),
  };
}

type Night = readonly [number, ServicesReport, 'told' | 'over' | '-'];
const STORIES: readonly (readonly [string, readonly Night[]])[] = [
  [
    'what is wrong is told once, again after a week, and that it is over',
    [
      [0, found('A'), 'told'],
      [1, found('A'), '-'],
      [7, found('A'), 'told'],
      [8, found(), 'over'],
      [9, found(), '-'],
    ],
  ],
  [
    'what comes back within a week is no news, nor is its end, until it has been gone for a week',
    [
      [0, found('A'), 'told'],
      [1, found(), 'over'],
      [2, found('A'), '-'],
      [3, found(), '-'],
      [4, found('A'), '-'],
      [8, found('A'), 'told'],
      [9, found(), '-'],
      [10, found('A'), '-'],
      [11, found(), '-'],
      [18, found(), 'over'],
      [19, found(), '-'],
      [30, found('A'), 'told'],
    ],
  ],
  [
    'another trouble is told at once, whatever comes and goes beside it',
    [
      [0, found('A'), 'told'],
      [1, found(), 'over'],
      [2, found('A', 'B'), 'told'],
      [3, found('B'), '-'],
      [4, found('A', 'B'), '-'],
    ],
  ],
  [
    'a clock that was ahead holds back nothing',
    [
      [400, found('A'), 'told'],
      [0, found('A'), 'told'],
      [1, found('A'), '-'],
      [2, found(), 'over'],
    ],
  ],
];

describe('what the administrator is told of the server’s own certificates', () => {
  test.each(STORIES)('%s', (_story, nights) => {
    let told: ToldServices | null = null;
    for (const [at, report, expected] of nights) {
      const news = servicesNews(report, told, 'weekly', day(at));
      told = news.told;
      const said = news.mail === null ? '-' : news.mail.subject.includes('in order') ? 'over' : 'told';
      expect([at, said]).toEqual([at, expected]);
    }
  });

  test('is two mails and one a week at most, however one trouble comes and goes', () => {
    for (const fails of [2, 3, 5, 8]) {
      let told: ToldServices | null = null;
      let mails = 0;
      for (let at = 0; at < 364; at += 1) {
        const news: ReturnType<typeof servicesNews> = servicesNews(
          at % fails === 0 ? found('A') : found(),
          told,
          'weekly',
          day(at),
        );
        told = news.told;
        if (news.mail !== null) mails += 1;
      }
      expect(mails).toBeLessThanOrEqual(fails === 8 ? 2 * 46 : 54);
    }
  });
});
