import { expect, test } from '@jest/globals';
import { problemHistory, type RememberedProblem } from '../../../src/core/report/problems/history.js';

const NOW = '2026-06-03T00:00:00.000Z';
const FIRST = '2026-06-01T00:00:00.000Z';
const LAST = '2026-06-02T00:00:00.000Z';
const known = (over: Partial<RememberedProblem> = {}): RememberedProblem => ({
  domain: 'a.test',
  vhost: 'a.test',
  code: 'NXDOMAIN',
  advice: null,
  since: FIRST,
  at: LAST,
  ...over,
});

test.each<[string, Partial<RememberedProblem>, readonly RememberedProblem[], string]>([
  ['begins now when nothing was known', {}, [], NOW],
  ['goes on since it was first seen', {}, [known()], FIRST],
  ['goes on since it was last seen by a version that kept no beginning', {}, [old()], LAST],
  ['begins when the name had another trouble', { code: 'WRONG_BODY' }, [known()], NOW],
  ['begins when another name had it', { domain: 'b.test' }, [known()], NOW],
  ['begins when the name of another website had it', { vhost: 'b.test' }, [known()], NOW],
  [
    'goes on when a name that a CA refused waits',
    { code: 'NAME_WAITS' },
    [known({ code: 'CA_REFUSED_NAME' })],
    FIRST,
  ],
  [
    'goes on when a name that waited is refused again',
    { code: 'CA_REFUSED_NAME' },
    [known({ code: 'NAME_WAITS' })],
    FIRST,
  ],
  [
    'is told apart from the website’s own under the same name',
    { code: 'TOTAL_DCV_FAILURE' },
    [known(), known({ code: 'TOTAL_DCV_FAILURE', since: LAST })],
    LAST,
  ],
])('a problem %s', (_, over, before, since) => {
  expect(problemHistory(known(over), before, NOW).since).toBe(since);
});

test.each<[string, string | null, string | null, string, string | null]>([
  ['that waits keeps the advice of its failure', null, 'Mend it.', 'NAME_WAITS', 'Mend it.'],
  ['that waits has its own advice, if any', 'Wait.', 'Mend it.', 'NAME_WAITS', 'Wait.'],
  ['that fails has the advice of this failure alone', null, 'Mend it.', 'CA_REFUSED_NAME', null],
])('a name %s', (_, now, before, code, advice) => {
  const list = [known({ code: 'CA_REFUSED_NAME', advice: before })];
  expect(problemHistory(known({ code, advice: now }), list, NOW).advice).toBe(advice);
});

function old(): RememberedProblem {
  const { since: _, ...former } = known();
  return former;
}
