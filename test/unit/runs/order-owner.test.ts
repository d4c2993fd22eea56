import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import type { AccountInventory } from '../../../src/core/domain/website/website.js';
import { OrderOwners } from '../../../src/runs/order/order-owner.js';
import { FakeHost } from '../../support/fake-host.js';

const skipped = (name: string, domains: readonly string[]): AccountInventory => ({
  state: 'skipped',
  account: parseAccountName(name),
  reason: 'suspended',
  domains,
});
const broken = (name: string, domains?: readonly string[]): AccountInventory => ({
  state: 'broken',
  account: name,
  fault: { code: 'ACCOUNT_FILE_INVALID', path: '/x', vhost: null, message: '/x: broken' },
  ...(domains === undefined ? {} : { domains }),
});

/** Owner of the order for the website a.test of alice, and how often all accounts were read for it. */
async function ownerIn(host: FakeHost) {
  let scans = 0;
  const accounts = {
    read: host.accounts.read,
    readAll: () => {
      scans += 1;
      return host.accounts.readAll();
    },
  };
  const owners = new OrderOwners(accounts, ['a.test']);
  const ref = { account: parseAccountName('alice'), vhost: parseDomainName('a.test') };
  const first = await owners.ownerOf(ref);
  expect(await owners.ownerOf(ref)).toEqual(first);
  const who =
    first.state === 'found' ? first.website.account : first.state === 'unsure' ? first.why : 'nobody';
  return { state: first.state, who, scans };
}

describe('whose website an order of alice’s is for', () => {
  const bob = () => new FakeHost().account('bob', [['bob.test']]);
  const inFileOf = (host: FakeHost, inventory: AccountInventory): FakeHost => {
    host.inventories.push(inventory);
    return host;
  };

  test.each<[string, () => FakeHost, unknown]>([
    [
      'hers, without a look at anybody else',
      () => bob().account('alice', [['a.test']]),
      { state: 'found', who: 'alice', scans: 0 },
    ],
    ['nobody’s: she is gone', bob, { state: 'gone', who: 'nobody', scans: 1 }],
    [
      'nobody’s: she has another one',
      () => bob().account('alice', [['other.test']]),
      { state: 'gone', who: 'nobody', scans: 1 },
    ],
    [
      'of the account that she was renamed to',
      () => bob().account('alicia', [['a.test']]),
      { state: 'found', who: 'alicia', scans: 1 },
    ],
    [
      'of another account, though she is there without it',
      () => new FakeHost().account('alice', [['other.test']]).account('bob', [['a.test']]),
      { state: 'found', who: 'bob', scans: 1 },
    ],
    [
      'hers, though she is suspended, without a look at anybody else',
      () => inFileOf(bob(), skipped('alice', ['other.test'])),
      { state: 'unsure', who: 'user “alice” is suspended', scans: 0 },
    ],
    [
      'hers, though her files are broken',
      () => inFileOf(bob(), broken('alice', ['other.test'])),
      { state: 'unsure', who: 'user “alice” cannot be read as a whole', scans: 0 },
    ],
    [
      'perhaps of the suspended account whose domain it is',
      () => inFileOf(bob(), skipped('alicia', ['a.test'])),
      { state: 'unsure', who: 'user “alicia” is suspended', scans: 1 },
    ],
    [
      'nobody’s: the suspended account has other domains',
      () => inFileOf(bob(), skipped('carol', ['carol.test'])),
      { state: 'gone', who: 'nobody', scans: 1 },
    ],
    [
      'perhaps of the account whose file nobody can read',
      () => inFileOf(bob(), broken('carol')),
      { state: 'unsure', who: 'user “carol” cannot be read as a whole', scans: 1 },
    ],
    [
      'of the account that has it, whatever cannot be read beside it',
      () => inFileOf(new FakeHost(), broken('carol')).account('dave', [['a.test']]),
      { state: 'found', who: 'dave', scans: 1 },
    ],
  ])('%s', async (_, host, expected) => {
    expect(await ownerIn(host())).toEqual(expected);
  });

  test('is asked of all accounts once for many orders', async () => {
    const host = bob();
    let scans = 0;
    const readAll = () => {
      scans += 1;
      return host.accounts.readAll();
    };
    const vhosts = ['a.test', 'b.test', 'c.test'].map(parseDomainName);
    const owners = new OrderOwners({ read: host.accounts.read, readAll }, vhosts);
    const account = parseAccountName('alice');
    await Promise.all(vhosts.map((vhost) => owners.ownerOf({ account, vhost })));
    expect(scans).toBe(1);
  });
});
