import { describe, expect, test } from '@jest/globals';
import { noticesOfLevel } from '../../../src/core/domain/notice-level.js';
import { NOTICE_KINDS, type NoticeKind } from '../../../src/core/notice/finding.js';
import { isWanted } from '../../../src/core/notice/recipients/wanted-kinds.js';
import { aFinding, aName, noticeRig } from '../../support/notice-rig.js';

const SHORT: Readonly<Record<NoticeKind, string>> = {
  notify_autossl_expiry: 'expiry',
  notify_autossl_expiry_coverage: 'deferral',
  notify_autossl_renewal: 'renewal',
  notify_autossl_renewal_coverage: 'risk',
  notify_autossl_renewal_coverage_reduced: 'reduced',
  notify_autossl_renewal_uncovered_domains: 'uncovered',
  notify_ssl_expiry: 'foreign',
  notify_autossl_paused_names: 'paused',
};

const finding = (kind: NoticeKind) => aFinding(kind, { names: [aName('a.test')], daysLeft: 60 });

/** Of each kind by itself, so that none takes the place of another. */
async function sent(audience: 'administrator' | 'user', level: 1 | 2 | 3 | 4): Promise<string[]> {
  const told: string[] = [];
  for (const kind of NOTICE_KINDS) {
    const { run } = noticeRig({ chosen: Object.fromEntries(noticesOfLevel(level, audience)) });
    const messages = await run([finding(kind)]);
    if (messages.some((message) => message.audience === audience)) told.push(SHORT[kind]);
  }
  return told;
}

describe('what is sent at each level', () => {
  test.each([
    [
      'administrator',
      1,
      ['expiry', 'deferral', 'renewal', 'risk', 'reduced', 'uncovered', 'foreign', 'paused'],
    ],
    ['administrator', 2, ['expiry', 'deferral', 'risk', 'reduced', 'uncovered', 'foreign', 'paused']],
    ['administrator', 3, ['expiry', 'reduced', 'foreign', 'paused']],
    ['administrator', 4, ['foreign']],
    ['user', 1, ['expiry', 'deferral', 'renewal', 'risk', 'reduced', 'uncovered', 'foreign']],
    ['user', 2, ['expiry', 'deferral', 'risk', 'reduced', 'uncovered', 'foreign']],
    ['user', 3, ['expiry', 'reduced', 'foreign']],
    ['user', 4, ['foreign']],
  ] as const)('the %s is told at level %d of %j', async (audience, level, kinds) => {
    expect(await sent(audience, level)).toEqual([...kinds]);
  });

  test('a level of one audience changes nothing for the other', async () => {
    const { run } = noticeRig({ chosen: Object.fromEntries(noticesOfLevel(4, 'administrator')) });
    const messages = await run([finding('notify_autossl_expiry')]);
    expect(messages.map(({ audience }) => audience)).toEqual(['user']);
  });

  test('a notice that is switched off later is neither repeated nor ended', async () => {
    const { run, chosen } = noticeRig();
    await run([finding('notify_autossl_expiry_coverage')]);
    Object.assign(chosen, Object.fromEntries(noticesOfLevel(4, 'administrator')));
    Object.assign(chosen, Object.fromEntries(noticesOfLevel(4, 'user')));
    expect(await run([])).toEqual([]);
  });

  test('a name that was lost stays told at level 3, at which missing names are not', async () => {
    const { run } = noticeRig({ chosen: Object.fromEntries(noticesOfLevel(3, 'administrator')) });
    await run([finding('notify_autossl_renewal_coverage_reduced')]);
    const lost = finding('notify_autossl_renewal_coverage_reduced');
    const later = await run([lost, finding('notify_autossl_renewal_uncovered_domains')]);
    expect(later.filter(({ audience }) => audience === 'administrator')).toEqual([]);
    const over = await run([]);
    expect(over.find(({ audience }) => audience === 'administrator')?.subject).toContain('1 trouble is over');
  });
});

describe('whether an owner is told', () => {
  const KIND = 'notify_autossl_renewal';
  test.each([
    ['nobody said anything', null, null, true],
    ['he set 0', null, false, false],
    ['he set 1', null, true, true],
    ['the administrator chose 0', false, null, false],
    ['the administrator chose 0, he set 1: the administrator’s word holds', false, true, false],
    ['the administrator chose 1, he set 0: the administrator’s word holds', true, false, true],
  ])('%s', (_case, chosen, own, isTold) => {
    const policy = {
      chosen: new Map(chosen === null ? [] : [[`${KIND}_user` as const, chosen] as const]),
      foreignExpiry: true,
    };
    const preferences = new Map(own === null ? [] : [[KIND, own] as const]);
    expect(isWanted(KIND, 'user', policy, preferences)).toBe(isTold);
  });

  test.each([
    ['by default', true, null, true],
    ['notify_ssl_expiry=0 in his users file', true, false, false],
    ['notify_expiring_certificates=0 in cpanel.config', false, true, false],
  ])('of a foreign certificate: %s', (_case, foreignExpiry, own, isTold) => {
    const preferences = new Map(own === null ? [] : [['notify_ssl_expiry' as const, own] as const]);
    const policy = { chosen: new Map(), foreignExpiry };
    expect(isWanted('notify_ssl_expiry', 'user', policy, preferences)).toBe(isTold);
    expect(isWanted('notify_ssl_expiry', 'administrator', policy, preferences)).toBe(foreignExpiry);
  });
});
