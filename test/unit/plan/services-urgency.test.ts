import { expect, test } from '@jest/globals';
import { urgencyOfServices } from '../../../src/core/plan/services/services-urgency.js';

const SOON = new Date('2026-06-02T00:00:00Z');
const LATER = new Date('2026-07-01T00:00:00Z');
type Service = Parameters<typeof urgencyOfServices>[0][number];
const service = (
  tlsStatus: Service['evaluation']['tlsStatus'],
  notAfter: Date | null,
  code: Service['plan']['because'][number]['code'] = 'RENEWAL_DUE',
): Service => {
  const isEmergency = code === 'EMERGENCY';
  const renewal = { isEmergency } as Service['evaluation']['renewal'];
  return { plan: { because: [{ code, message: '' }] }, evaluation: { tlsStatus, notAfter, renewal } };
};
const ABSENT: Service = {
  plan: { because: [{ code: 'CERTIFICATE_ABSENT', message: '' }] },
  evaluation: { tlsStatus: 'defective', notAfter: null, renewal: null },
};

test.each([
  ['no service needs anything', [], false, false, null],
  ['a service whose certificate is merely due has time', [service('ok', LATER)], false, false, LATER],
  ['the one that ends first counts', [service('ok', LATER), service('ok', SOON)], false, false, SOON],
  [
    'one in an emergency is enough',
    [service('ok', LATER), service('ok', SOON, 'EMERGENCY')],
    false,
    true,
    SOON,
  ],
  ['one without a certificate is new', [service('ok', LATER), ABSENT], true, false, LATER],
  ['one that nobody accepts is new', [service('defective', LATER)], true, false, LATER],
  ['one for another name is new', [service('incomplete', LATER, 'HOSTNAME_MISMATCH')], true, false, LATER],
])('%s', (_, services, isNew, isEmergency, notAfter) => {
  expect(urgencyOfServices(services)).toEqual({ isNew, isEmergency, notAfter });
});
