import { describe, expect, test } from '@jest/globals';
import type { Evaluation } from '../../../src/core/evaluation/evaluation.js';
import type { ReplacementCode } from '../../../src/core/evaluation/may-replace.js';
import type { ActionKind, ReasonCode } from '../../../src/core/plan/action.js';
import {
  type DueWebsite,
  dueNow,
  foresee,
  MOST_DUE_WEBSITES,
  MOST_WEBSITES_PER_POLL,
  nextLookAt,
  shareOut,
  withinBounds,
} from '../../../src/core/plan/due-website.js';

const NOW = new Date('2026-06-01T00:00:00.000Z');
const at = (hours: number): Date => new Date(NOW.getTime() + hours * 3_600_000);
const due = (vhost: string, hours: number, emergency: number | null = null): DueWebsite => ({
  account: 'alice',
  vhost,
  dueAt: at(hours).toISOString(),
  emergencyAt: emergency === null ? null : at(emergency).toISOString(),
  logStartedAt: null,
});

const calledBack = (vhost: string, hours: number): DueWebsite => ({
  ...due(vhost, hours),
  isCalledBack: true,
});

describe('what comes for a website by time alone', () => {
  const look = (
    kind: ActionKind,
    reason: ReasonCode,
    replacement: ReplacementCode,
    renewal: { readonly due: number; readonly emergency: number } | null,
    tlsStatus: Evaluation['tlsStatus'] = 'ok',
  ) => {
    const evaluation = {
      ownership: 'ours',
      tlsStatus,
      renewal: renewal === null ? null : { dueAt: at(renewal.due), emergencyAt: at(renewal.emergency) },
    } as Parameters<typeof foresee>[0];
    const { renewalAt, emergencyAt } = foresee(
      evaluation,
      { kind, because: [{ code: reason, message: '' }] },
      { allowed: true, because: { code: replacement, message: '' } },
      NOW,
    );
    return [renewalAt?.getTime() ?? null, emergencyAt?.getTime() ?? null];
  };
  const hours = (...instants: readonly (number | null)[]) =>
    instants.map((one) => (one === null ? null : at(one).getTime()));

  test.each<[string, Parameters<typeof look>, readonly (number | null)[]]>([
    [
      'a valid one of ours: its renewal, then its emergency',
      ['keep', 'VALID', 'OURS', { due: 5, emergency: 9 }],
      [5, 9],
    ],
    [
      'one that is being renewed: its emergency',
      ['replace', 'RENEWAL_DUE', 'OURS', { due: -5, emergency: 9 }],
      [null, 9],
    ],
    [
      'one in its emergency: nothing more',
      ['replace', 'EMERGENCY', 'OURS', { due: -5, emergency: -1 }],
      [null, null],
    ],
    [
      'one that lacks names and is not due: its emergency',
      ['replace', 'NAMES_MISSING', 'OURS', { due: 5, emergency: 9 }, 'incomplete'],
      [null, 9],
    ],
    [
      'a broken one: nothing, it cannot get worse',
      ['replace', 'SELF_SIGNED', 'FOREIGN_SELF_SIGNED', { due: 5, emergency: 9 }, 'defective'],
      [null, null],
    ],
    [
      'none at all: nothing',
      ['request', 'CERTIFICATE_ABSENT', 'NOTHING_USABLE', null, 'defective'],
      [null, null],
    ],
    [
      'one of others, left alone: nothing',
      ['keep', 'VALID', 'FOREIGN', { due: 5, emergency: 5 }],
      [null, null],
    ],
    [
      'one of others that may be replaced late: that instant',
      ['keep', 'FOREIGN_CERTIFICATE', 'FOREIGN_HEALTHY', { due: 5, emergency: 5 }],
      [5, 5],
    ],
    [
      'one whose order pends: the order has its own instant',
      ['await-order', 'ORDER_PENDING', 'OURS', { due: -5, emergency: 9 }],
      [null, null],
    ],
    ['one without names: nothing', ['keep', 'NO_NAMES', 'OURS', { due: 5, emergency: 9 }], [null, null]],
  ])('%s', (_, words, expected) => {
    expect(look(...words)).toEqual(hours(...expected));
  });
});

describe('the next look before the next run', () => {
  const until = at(24);
  test.each<[string, number | null, number | null, number | null]>([
    ['at what it waits for', 3, null, 3],
    ['at its emergency when that comes first', 5, 3, 3],
    ['at what it waits for when that comes first', 3, 5, 3],
    ['at its emergency when nothing was told', null, 7, 7],
    ['at once when the instant has passed meanwhile', -1, null, -1],
    ['at the very end of the interval', 24, null, 24],
    ['not when it lies behind the next run', 25, null, null],
    ['not when nothing is foreseen', null, null, null],
  ])('%s', (_, told, emergency, expected) => {
    const instant = (hours: number | null): Date | null => (hours === null ? null : at(hours));
    expect(nextLookAt(instant(told), instant(emergency), until)).toEqual(instant(expected));
  });
});

describe('a long list', () => {
  test('keeps the earliest, in its order', () => {
    const late = due('late.test', 20);
    const many = Array.from({ length: MOST_DUE_WEBSITES }, (_, n) => due(`s${n}.test`, 10));
    const kept = withinBounds([late, ...many]);
    expect(kept).toHaveLength(MOST_DUE_WEBSITES);
    expect(kept).toEqual(many);
  });

  test('keeps besides what presses when it is due, however many they are', () => {
    const back = Array.from({ length: 10_000 }, (_, n) => calledBack(`back${n}.test`, 30));
    const many = Array.from({ length: MOST_DUE_WEBSITES }, (_, n) => due(`s${n}.test`, 10));
    const kept = withinBounds([...many, ...back, due('late.test', 20), due('late-urgent.test', 20, 19)]);
    expect(kept).toEqual([...many, ...back, due('late-urgent.test', 20, 19)]);
  });

  test('is kept as it is when it is not too long', () => {
    const some = [due('b.test', 2), due('a.test', 1)];
    expect(withinBounds(some)).toBe(some);
  });
});

test('only those are due whose instant has come', () => {
  const websites = [due('past.test', -1), due('now.test', 0), due('soon.test', 0.01)];
  expect(dueNow({ until: null, websites }, NOW).map(({ vhost }) => vhost)).toEqual(['past.test', 'now.test']);
});

describe('websites that are due are shared out', () => {
  const many = Array.from({ length: 1000 }, (_, n) => due(`s${n}.test`, -1));

  test.each([
    [150, MOST_WEBSITES_PER_POLL],
    [Number.POSITIVE_INFINITY, MOST_WEBSITES_PER_POLL],
    [10, 20],
    [1, 2],
  ])('where %p may be ordered, the first %p are looked at; the others stay due', (left, count) => {
    const { taken, postponed } = shareOut(many, { mayOrder: true, left }, NOW);
    expect(taken).toEqual(many.slice(0, count));
    expect(postponed).toEqual([]);
  });

  const held = [
    due('calm.test', -1),
    due('urgent.test', -1, -0.5),
    due('soon-urgent.test', -1, 1),
    due('later-urgent.test', -1, 9),
  ];
  const back = [...held, calledBack('back.test', -1)];
  const postponedTo = (postponed: readonly DueWebsite[]) =>
    Object.fromEntries(
      postponed.map(({ vhost, dueAt }) => [vhost, (Date.parse(dueAt) - NOW.getTime()) / 3_600_000]),
    );

  test.each<[string, Parameters<typeof shareOut>[1]]>([
    ['of which little is left', { mayOrder: true, left: 4 }],
    ['of which all is spent', { mayOrder: false, because: 'BUDGET_SPENT', until: at(2) }],
  ])('what presses comes first, not held by our own share %s', (_, budget) => {
    const back = Array.from({ length: 10_000 }, (_, n) => calledBack(`back${n}.test`, -1));
    const urgent = due('urgent.test', -1, -0.5);
    const { taken, postponed } = shareOut([...many, ...back, urgent], budget, NOW);
    expect(taken).toEqual(back.slice(0, MOST_WEBSITES_PER_POLL));
    expect(postponed.some(({ vhost }) => vhost.startsWith('back') || vhost === 'urgent.test')).toBe(false);
    const few = shareOut([...many, ...back.slice(0, 2), urgent], budget, NOW);
    expect(few.taken.slice(0, 3)).toEqual([...back.slice(0, 2), urgent]);
    expect(few.taken).toHaveLength(budget.mayOrder ? 3 + 8 : 3);
  });

  test('while our own limit is spent only emergencies are; the others come when it opens, or when theirs begins', () => {
    const budget = { mayOrder: false, because: 'BUDGET_SPENT', until: at(2) } as const;
    const { taken, postponed } = shareOut(held, budget, NOW);
    expect(taken.map(({ vhost }) => vhost)).toEqual(['urgent.test']);
    expect(postponedTo(postponed)).toEqual({ 'calm.test': 2, 'soon-urgent.test': 1, 'later-urgent.test': 2 });
  });

  test('while the CA has stopped the account nobody is', () => {
    const budget = { mayOrder: false, because: 'STOPPED_BY_CA', until: at(2) } as const;
    const { taken, postponed } = shareOut(back, budget, NOW);
    expect(taken).toEqual([]);
    expect(postponedTo(postponed)).toEqual({
      'back.test': 2,
      'calm.test': 2,
      'urgent.test': 2,
      'soon-urgent.test': 2,
      'later-urgent.test': 2,
    });
  });
});
