import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import type { AccountFault, AccountInventory } from '../../../src/core/domain/website/website.js';
import { judgeHolding } from '../../../src/core/domain/website/website-holding.js';
import { aWebsite } from '../../support/fake-host.js';

const alice = parseAccountName('alice');
const fault = (vhost: string | null): AccountFault => ({
  code: 'WEBSITE_FILE_INVALID',
  path: '/x',
  vhost,
  message: '/x: broken',
});
const ready = (vhosts: readonly string[], faults: readonly AccountFault[] = []): AccountInventory => ({
  state: 'ready',
  account: {
    name: alice,
    primaryDomain: aWebsite(['a.test']).vhost as never,
    owner: 'root',
    isReseller: false,
    homeDirectory: null,
    contactEmail: null,
  },
  websites: vhosts.map((vhost) => aWebsite([vhost])),
  faults,
});
const skipped = (domains?: readonly string[]): AccountInventory => ({
  state: 'skipped',
  account: alice,
  reason: 'suspended',
  ...(domains === undefined ? {} : { domains }),
});
const broken = (domains?: readonly string[]): AccountInventory => ({
  state: 'broken',
  account: 'alice',
  fault: fault(null),
  ...(domains === undefined ? {} : { domains }),
});

describe('whether an account has the website shop.a.test', () => {
  test.each<[string, AccountInventory, string]>([
    ['it is among its websites', ready(['a.test', 'shop.a.test']), 'has'],
    ['it is not', ready(['a.test']), 'has-not'],
    ['another name of the same end is', ready(['p.a.test', 'other-shop.a.test']), 'has-not'],
    ['its file cannot be read', ready(['a.test'], [fault('shop.a.test')]), 'may'],
    ['another website’s file cannot be read', ready(['a.test'], [fault('blog.a.test')]), 'has-not'],
    ['a file of the whole account is at fault', ready(['a.test'], [fault(null)]), 'has-not'],
    ['it is suspended and its file names the domain', skipped(['x.test', 'shop.a.test']), 'may'],
    ['it is suspended and its file names the domain above', skipped(['A.test']), 'may'],
    ['it is suspended and its file names another domain', skipped(['b.test']), 'has-not'],
    ['it is suspended and its file names a domain of the same end', skipped(['p.a.test']), 'has-not'],
    ['it is suspended and nobody knows its domains', skipped(), 'may'],
    ['it is broken behind a file that names the domain', broken(['a.test']), 'may'],
    ['it is broken behind a file that names another', broken(['b.test']), 'has-not'],
    ['its file itself is broken', broken(), 'may'],
  ])('%s', (_, inventory, holding) => {
    expect(judgeHolding(inventory, 'shop.a.test')).toBe(holding);
  });
});
