import { describe, expect, test } from '@jest/globals';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import type { CaaSight } from '../../../src/core/report/why/caa-sight.js';
import { CaaLook, type CaaViewPorts } from '../../../src/runs/why-domain/caa-view.js';
import { FakeCaa } from '../../support/fake-caa.js';
import { aWebsite, FakeHost } from '../../support/fake-host.js';

const ISSUER = { identities: ['ca.example'], accountUrl: 'https://ca.example/acct/1' };
const NAMES = ['shop.alice.test', 'alice.test'];

function aView(over: Partial<CaaViewPorts> = {}): {
  readonly caa: FakeCaa;
  look(): Promise<CaaSight | null>;
} {
  const caa = new FakeCaa();
  const fake = new FakeHost().account('alice', [NAMES]);
  const view = new CaaLook({ caa, accounts: fake.accounts, issuer: ISSUER, canTryByDns: false, ...over });
  const website = aWebsite(NAMES, 'alice');
  const name = parseHostName('shop.alice.test');
  return { caa, look: () => view.look(name, website, null, new AbortController().signal) };
}

describe('the CAA records of a name', () => {
  test('that has none let everybody in, and every domain asked is told', async () => {
    const { look } = aView();
    expect(await look()).toEqual({
      isPermitted: true,
      message: 'no records: every provider may certify the name',
      advice: null,
      fault: 'owner',
      path: [
        { domain: 'shop.alice.test', answer: 'no records' },
        { domain: 'alice.test', answer: 'no records' },
        { domain: 'test', answer: 'no records' },
      ],
    });
  });

  test('permit by a record of the domain above it', async () => {
    const { caa, look } = aView();
    caa.records.set('alice.test', ['0 issue "ca.example"']);
    expect(await look()).toMatchObject({
      isPermitted: true,
      message: 'permitted by alice.test. CAA 0 issue "ca.example"',
      path: [
        { domain: 'shop.alice.test', answer: 'no records' },
        { domain: 'alice.test', answer: 'alice.test. CAA 0 issue "ca.example"' },
      ],
    });
  });

  test('forbid: the record, and what to change', async () => {
    const { caa, look } = aView();
    caa.records.set('alice.test', ['0 issue "other.example"']);
    expect(await look()).toMatchObject({
      isPermitted: false,
      message: expect.stringContaining('other.example'),
      advice: expect.stringContaining('ca.example'),
      fault: 'owner',
    });
  });

  test('of a zone of ours do not stand in the way for long: the record that a run adds is told, and not added', async () => {
    const { caa, look } = aView();
    caa.records.set('alice.test', ['0 issue "other.example"']);
    caa.ownZones = ['alice.test'];
    expect(await look()).toMatchObject({
      isPermitted: null,
      message: expect.stringMatching(/; the next run adds: alice\.test\. CAA 0 issue "ca\.example"$/),
      advice: null,
    });
    expect(caa.changes).toEqual([]);
  });

  test('that nobody can look up from here forbid nothing for sure', async () => {
    const { caa, look } = aView();
    caa.records.set('shop.alice.test', 'UNREACHABLE');
    expect(await look()).toMatchObject({
      isPermitted: null,
      path: [{ domain: 'shop.alice.test', answer: 'UNREACHABLE' }],
    });
  });

  test('for validation by DNS alone permit where that can be done', async () => {
    const record = '0 issue "ca.example; validationmethods=dns-01"';
    const overHttp = aView();
    overHttp.caa.records.set('alice.test', [record]);
    expect(await overHttp.look()).toMatchObject({ isPermitted: false });
    const byDns = aView({ canTryByDns: true });
    byDns.caa.records.set('alice.test', [record]);
    expect(await byDns.look()).toMatchObject({ isPermitted: true });
  });

  test('for another account of the same provider forbid', async () => {
    const { caa, look } = aView();
    caa.records.set('alice.test', ['0 issue "ca.example; accounturi=https://ca.example/acct/2"']);
    expect(await look()).toMatchObject({ isPermitted: false, message: expect.stringContaining('acct/2') });
  });

  test('are not judged for a provider that does not say what it is called there', async () => {
    const { caa, look } = aView({ issuer: { identities: [], accountUrl: null } });
    expect(await look()).toBe(null);
    expect(caa.asked).toEqual([]);
  });
});
