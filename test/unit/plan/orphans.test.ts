import { describe, expect, test } from '@jest/globals';
import {
  isCopyLeftOver,
  judgeOrphans,
  ORPHAN_GRACE_MS,
  type OrphanNote,
  type UnmetWebsite,
} from '../../../src/core/plan/orphans.js';

const NOW = new Date('2026-06-01T00:00:00.000Z');
const DAY_MS = 86_400_000;
const ago = (days: number): string => new Date(NOW.getTime() - days * DAY_MS).toISOString();
const note = (vhost: string, goneSince: string): OrphanNote => ({ vhost, account: 'alice', goneSince });
const unmet = (vhost: string, isUnsure = false): UnmetWebsite => ({ vhost, account: 'alice', isUnsure });
const many = (count: number) => Array.from({ length: count }, (_, index) => unmet(`s${index}.test`));

function judged(
  found: readonly UnmetWebsite[],
  before: readonly OrphanNote[],
  more: Partial<Parameters<typeof judgeOrphans>[2]> = {},
) {
  return judgeOrphans(found, before, { known: 100, isMassMeant: false, now: NOW, ...more });
}

describe('a website that no account was found to have', () => {
  const names = (notes: readonly OrphanNote[]) =>
    notes.map(({ vhost, goneSince }) => `${vhost} ${goneSince}`);
  test.each<
    [string, readonly UnmetWebsite[], readonly OrphanNote[], readonly string[], string, string, string]
  >([
    ['met for the first time: noted', [unmet('a.test')], [], [`a.test ${ago(0)}`], 'a.test', '', ''],
    [
      '29 days gone: stays noted',
      [unmet('a.test')],
      [note('a.test', ago(29))],
      [`a.test ${ago(29)}`],
      '',
      '',
      '',
    ],
    [
      '30 days gone: due',
      [unmet('a.test')],
      [note('a.test', ago(30))],
      [`a.test ${ago(30)}`],
      '',
      '',
      'a.test',
    ],
    ['found again: no longer noted', [], [note('a.test', ago(40))], [], '', 'a.test', ''],
    ['not to be told for the first time: not noted', [unmet('a.test', true)], [], [], '', '', ''],
    [
      'not to be told now: stays noted and is not due',
      [unmet('a.test', true)],
      [note('a.test', ago(40))],
      [`a.test ${ago(40)}`],
      '',
      '',
      '',
    ],
    [
      'noted by a clock that was ahead: begins anew',
      [unmet('a.test')],
      [note('a.test', ago(-3))],
      [`a.test ${ago(0)}`],
      '',
      '',
      '',
    ],
  ])('%s', (_, found, before, notes, newlyGone, back, due) => {
    const verdict = judged(found, before);
    if (verdict.isMass) throw new Error('a mass');
    const only = (list: readonly OrphanNote[]) => list.map(({ vhost }) => vhost).join();
    expect(names(verdict.notes)).toEqual(notes);
    expect([only(verdict.newlyGone), only(verdict.back), only(verdict.due)]).toEqual([newlyGone, back, due]);
  });

  test.each([
    [20, 100, false],
    [21, 100, true],
    [21, 210, false],
    [22, 210, true],
    [100, 1000, false],
    [101, 1000, true],
  ])('%i at once of %i are a mass: %s', (gone, known, isMass) => {
    expect(judged(many(gone), [], { known }).isMass).toBe(isMass);
  });

  test('those noted before, and those of whom nobody can tell, make no mass; nor does what a person means', () => {
    const before = many(50).map(({ vhost }) => note(vhost, ago(3)));
    expect(judged(many(60), before).isMass).toBe(false);
    expect(
      judged(
        many(60).map((one) => ({ ...one, isUnsure: true })),
        [],
      ).isMass,
    ).toBe(false);
    expect(judged(many(60), [], { isMassMeant: true }).isMass).toBe(false);
  });
});

describe('the copy of a certificate under a name', () => {
  const record = (fingerprint: string, days: number, ...names: string[]) => ({
    fingerprint,
    names,
    issuedAt: ago(days),
  });
  const GRACE_DAYS = ORPHAN_GRACE_MS / DAY_MS;
  test.each<[string, ReturnType<typeof record>[], boolean]>([
    ['of the newest certificate', [record('old', 50, 'a.test', 'b.test')], false],
    ['of a certificate that we do not know', [record('new', 50, 'a.test')], false],
    ['of no website of ours', [], false],
    [
      'followed a month ago',
      [record('new', GRACE_DAYS, 'a.test'), record('old', 90, 'a.test', 'b.test')],
      true,
    ],
    [
      'followed just now',
      [record('new', GRACE_DAYS - 1, 'a.test'), record('old', 90, 'a.test', 'b.test')],
      false,
    ],
    [
      'followed by one with the name',
      [record('new', GRACE_DAYS, 'a.test', 'b.test'), record('old', 90, 'a.test', 'b.test')],
      false,
    ],
    [
      'followed by one with the name, and then by one without',
      [record('newest', GRACE_DAYS, 'a.test'), record('new', 60, 'b.test'), record('old', 90, 'b.test')],
      false,
    ],
    [
      'followed a month ago, and again yesterday',
      [record('newest', 1, 'a.test'), record('new', 60, 'a.test'), record('old', 90, 'b.test')],
      true,
    ],
  ])('%s', (_, records, expected) => {
    expect(isCopyLeftOver({ name: 'b.test', fingerprint: 'old' }, records, NOW)).toBe(expected);
  });
});
