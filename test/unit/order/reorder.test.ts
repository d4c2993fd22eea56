import { describe, expect, test } from '@jest/globals';
import { judgeReorder, type PastCertificate } from '../../../src/core/order/reorder.js';

const DAY = 24 * 60 * 60_000;
const HOUR = DAY / 24;
const NOW = new Date('2026-11-22T03:00:00Z');

function issued(agoMs: number, over: Partial<PastCertificate> = {}, lifeMs = 90 * DAY): PastCertificate {
  const start = NOW.getTime() - agoMs;
  return {
    names: ['a.test', 'www.a.test'],
    because: ['CERTIFICATE_ABSENT'],
    issuedAt: new Date(start).toISOString(),
    notBefore: new Date(start).toISOString(),
    notAfter: new Date(start + lifeMs).toISOString(),
    ...over,
  };
}
const order = { names: ['www.a.test', 'a.test'], because: ['CERTIFICATE_ABSENT'] };

describe('ordering for a website again', () => {
  test.each<[string, PastCertificate[], typeof order, unknown]>([
    ['the first time', [], order, { mayOrder: true }],
    [
      'again for the same defect a day later: our installation is at fault, not the CA',
      [issued(DAY)],
      order,
      { mayOrder: false, because: 'TOO_YOUNG', until: new Date(NOW.getTime() + 8 * DAY) },
    ],
    ['for the same defect when a tenth of its life is over', [issued(9 * DAY)], order, { mayOrder: true }],
    [
      'for the same defect when the newest has expired',
      [issued(DAY, {}, DAY / 2)],
      order,
      { mayOrder: true },
    ],
    ['for another defect', [issued(DAY)], { ...order, because: ['KEY_MISMATCH'] }, { mayOrder: true }],
    [
      'for the same defect and a new one',
      [issued(DAY)],
      { ...order, because: ['CERTIFICATE_ABSENT', 'KEY_MISMATCH'] },
      { mayOrder: true },
    ],
    ['for other names', [issued(DAY)], { ...order, names: ['a.test'] }, { mayOrder: true }],
    ['because it was revoked', [issued(DAY)], { ...order, because: ['REVOKED'] }, { mayOrder: true }],
    [
      'a third time within a week, for yet another defect',
      [issued(DAY, { because: ['X'] }), issued(3 * DAY)],
      { ...order, because: ['Y'] },
      { mayOrder: false, because: 'WEEKLY_LIMIT', until: new Date(NOW.getTime() + 4 * DAY) },
    ],
    [
      'a third time when one of the two was revoked',
      [issued(DAY, { because: ['REVOKED'] }), issued(3 * DAY)],
      { ...order, because: ['Y'] },
      { mayOrder: true },
    ],
    [
      'a third time when one of the two had other names',
      [issued(DAY, { because: ['X'] }), issued(3 * DAY, { names: ['a.test'] })],
      { ...order, because: ['Y'] },
      { mayOrder: true },
    ],
    [
      'a third time because the key leaked',
      [issued(DAY, { because: ['X'] }), issued(3 * DAY)],
      { ...order, because: ['KEY_COMPROMISED'] },
      { mayOrder: true },
    ],
    [
      'called back a second time in a row',
      [issued(HOUR, { because: ['CALLED_BACK'] }), issued(5 * DAY, { because: ['CALLED_BACK'] })],
      { ...order, because: ['CALLED_BACK'] },
      { mayOrder: true },
    ],
    [
      'called or taken back four times in a tenth of its life: its CA would go on for ever',
      [
        issued(HOUR, { because: ['CALLED_BACK'] }),
        issued(2 * DAY, { because: ['REVOKED'] }),
        issued(5 * DAY, { because: ['CALLED_BACK'] }),
        issued(8 * DAY, { because: ['CALLED_BACK'], names: ['a.test'] }),
      ],
      { ...order, because: ['CALLED_BACK'] },
      { mayOrder: false, because: 'TAKEN_BACK_OFTEN', until: new Date(NOW.getTime() + DAY) },
    ],
    [
      'called back four times in more than a tenth of its life',
      [1, 2, 5, 9].map((days) => issued(days * DAY, { because: ['CALLED_BACK'] })),
      { ...order, because: ['REVOKED'] },
      { mayOrder: true },
    ],
    [
      'for a defect of its own after it was called back twice',
      [issued(DAY, { because: ['CALLED_BACK'] }), issued(2 * DAY, { because: ['CALLED_BACK'] })],
      { ...order, because: ['KEY_MISMATCH'] },
      { mayOrder: true },
    ],
  ])('%s', (_case, past, wanted, expected) => {
    expect(judgeReorder(past, wanted, NOW)).toEqual(expected);
  });

  test('the list need not be sorted', () => {
    expect(judgeReorder([issued(60 * DAY), issued(DAY)], order, NOW)).toMatchObject({ because: 'TOO_YOUNG' });
  });

  test.each([
    ['160-hour', 160 * HOUR, 80 * HOUR],
    ['12-hour', 12 * HOUR, 6 * HOUR],
    ['45-day', 45 * DAY, 30 * DAY],
  ])('a %s certificate is never kept from its regular renewal', (_life, lifeMs, everyMs) => {
    const renewal = { ...order, because: ['RENEWAL_DUE'] };
    let past: PastCertificate[] = [];
    for (let age = 20 * everyMs; age >= everyMs; age -= everyMs) {
      const certificate = issued(age, { because: ['RENEWAL_DUE'] }, lifeMs);
      expect(judgeReorder(past, renewal, new Date(certificate.issuedAt))).toEqual({ mayOrder: true });
      past = [certificate, ...past];
    }
  });
});
