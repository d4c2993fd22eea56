import { describe, expect, test } from '@jest/globals';
import { problemOf } from '../../../src/core/order/problem-type.js';
import { LETS_ENCRYPT } from '../../../src/core/provider/known/lets-encrypt.js';
import { withProfile } from '../../../src/core/provider/profiles.js';
import { hostWithCa, runCheck } from '../../support/check-run.js';

const NAMES = Array.from({ length: 30 }, (_, nth) => `n${nth}.a.test`);

function hostWithProfile(offered: readonly string[]) {
  const { host, ca } = hostWithCa();
  host.provider = { ...withProfile(LETS_ENCRYPT, 'tlsserver'), patienceMs: 0, caaIdentities: [] };
  ca.profiles = offered;
  return { host, ca };
}

describe('a run with a profile', () => {
  test('asks for it, and for no more names than its certificates take', async () => {
    const { host, ca } = hostWithProfile(['classic', 'tlsserver']);
    host.account('alice', [['a.test', ...NAMES]]);
    host.settings = { ...host.settings, wildcardReduction: false };
    await runCheck(host);
    expect(ca.ordered[0]).toHaveLength(25);
    expect(ca.options[0]).toEqual({ profile: 'tlsserver' });
  });

  test('orders without, and warns, where the CA has withdrawn it', async () => {
    const { host, ca } = hostWithProfile(['classic']);
    host.account('alice', [['a.test']]);
    expect(await runCheck(host)).toMatchObject({ exitCode: 0, counts: { installed: 1 } });
    expect(ca.options).toEqual([{}]);
    const warning = host.logged.find(({ code }) => code === 'PROFILE_WITHDRAWN');
    expect(warning).toMatchObject({ type: 'warn', contents: expect.stringContaining('it offers classic') });
  });

  test('orders once without where the CA refuses what its directory offers', async () => {
    const { host, ca } = hostWithProfile(['tlsserver']);
    host.account('alice', [['a.test']]);
    ca.onNewOrder = (_, nth) =>
      nth === 1 ? { refused: problemOf('invalidProfile', 'not for you', { status: 400 }) } : undefined;
    expect(await runCheck(host)).toMatchObject({ exitCode: 0, counts: { installed: 1 } });
    expect(ca.options).toEqual([{ profile: 'tlsserver' }, {}]);
    expect(host.logged.map(({ code }) => code)).toContain('ORDER_PLACED_WITHOUT_PROFILE');
  });

  test('a CA that refuses with and without is not asked a third time', async () => {
    const { host, ca } = hostWithProfile(['tlsserver']);
    host.account('alice', [['a.test']]);
    ca.onNewOrder = () => ({ refused: problemOf('invalidProfile', 'no', { status: 400 }) });
    await runCheck(host);
    expect(ca.options).toHaveLength(2);
  });
});
