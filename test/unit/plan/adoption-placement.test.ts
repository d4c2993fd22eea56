import { describe, expect, test } from '@jest/globals';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { groupSites } from '../../../src/core/plan/adoption/adoption-groups.js';
import {
  type DocumentRootFinding,
  NameHolders,
  type Placement,
  placeGroups,
} from '../../../src/core/plan/adoption/adoption-placement.js';
import type { ServerSite } from '../../../src/core/plan/served/server-site.js';
import { tlsSite } from '../../support/server-sites.js';

/** Folders under /home are their user's, /gone is nobody's yet, /bad is refused, all others are root's. */
function findingOf(path: string): DocumentRootFinding {
  const user = /^\/home\/(\w+)/.exec(path)?.[1];
  if (user !== undefined) return { state: 'person', account: parseAccountName(user), path };
  if (path === '/bad') return { state: 'refused', why: 'it is a link of bob to a folder of alice' };
  return { state: 'nobody', owner: path === '/gone' ? 'does not exist' : 'belongs to root', path };
}

/** Website → [account, document root, names that it wants]. */
type Present = Readonly<Record<string, readonly [string, string, readonly string[]]>>;

function place(sites: readonly ServerSite[], present: Present = {}, user: string | null = null) {
  const { groups } = groupSites(sites);
  const holders = new NameHolders();
  for (const [vhost, [account, documentRoot, names]] of Object.entries(present)) {
    const website = { account: parseAccountName(account), vhost: parseHostName(vhost), documentRoot };
    holders.add(website, [vhost, ...names]);
  }
  const roots = new Map(groups.map(({ documentRoot }) => [documentRoot, findingOf(documentRoot)]));
  const fallback = user === null ? null : parseAccountName(user);
  return [...placeGroups(groups, { roots, holders, fallback })].map(([group, placement]) => ({
    group,
    placement,
  }));
}

const words = (placement: Placement): string =>
  placement.state === 'refused'
    ? `refused ${placement.code}`
    : `${placement.state} ${placement.account} ${[placement.vhost, ...placement.aliases].join(' ')}`;
const told = (...given: Parameters<typeof place>): string[] =>
  place(...given).map(({ placement }) => words(placement));

const ALICE: Present = { 'a.test': ['alice', '/home/alice/a', ['www.a.test', 'mail.a.test']] };

describe('a server’s website goes', () => {
  test.each<[string, Parameters<typeof place>, string[]]>([
    ['to the user whose its folder is', [[tlsSite(['a.test'], '/home/alice/a')]], ['add alice a.test']],
    ['to nobody where the folder is root’s', [[tlsSite(['a.test'], '/srv/a')]], ['refused NO_ACCOUNT']],
    ['to nobody where there is no folder', [[tlsSite(['a.test'], '/gone')]], ['refused NO_ACCOUNT']],
    ['to --user then', [[tlsSite(['a.test'], '/srv/a')], {}, 'bob'], ['add bob a.test']],
    [
      'to its folder’s user whatever --user says',
      [[tlsSite(['a.test'], '/home/alice/a')], {}, 'bob'],
      ['add alice a.test'],
    ],
    [
      'nowhere with a folder that is refused',
      [[tlsSite(['a.test'], '/bad')], {}, 'bob'],
      ['refused BAD_DOCUMENT_ROOT'],
    ],
    [
      'nowhere new when it is there',
      [[tlsSite(['a.test', 'www.a.test'], '/srv/a')], ALICE, 'bob'],
      ['present alice a.test'],
    ],
    [
      'to the website that has it, with names that this lacks',
      [[tlsSite(['a.test', 'a.org'], '/srv/a')], ALICE, 'bob'],
      ['extend alice a.test a.org'],
    ],
    [
      'to the website that has its other name when its own comes with that',
      [[tlsSite(['www.a.test', 'a.test'], '/srv/a')], ALICE],
      ['present alice a.test'],
    ],
    [
      'to a website of its own though its name comes with another of the account',
      [[tlsSite(['mail.a.test'], '/home/alice/mail')], ALICE],
      ['add alice mail.a.test'],
    ],
    [
      'to the website that its name comes with when the folder is the same',
      [[tlsSite(['mail.a.test'], '/home/alice/a')], ALICE],
      ['present alice a.test'],
    ],
    [
      'nowhere when its name comes with another account’s',
      [[tlsSite(['mail.a.test'], '/home/bob/mail')], ALICE],
      ['refused NAME_TAKEN'],
    ],
    [
      'nowhere when its name comes with another account’s of the same plan, in whatever order',
      [[tlsSite(['mail.a.test'], '/home/bob/mail'), tlsSite(['a.test'], '/home/alice/a')]],
      ['add alice a.test', 'refused NAME_TAKEN'],
    ],
    [
      'after the domain that it lies below',
      [[tlsSite(['shop.a.test'], '/home/alice/s'), tlsSite(['a.test'], '/home/alice/a')]],
      ['add alice a.test', 'add alice shop.a.test'],
    ],
    [
      'to the website that has it, with a name of a service that this does not want yet',
      [[tlsSite(['a.test', 'webmail.a.test'], '/srv/a')], ALICE],
      ['extend alice a.test webmail.a.test'],
    ],
  ])('%s', (_, given, expected) => {
    expect(told(...given)).toEqual(expected);
  });

  test('without the names that other websites have', () => {
    const [placed] = place([tlsSite(['b.test', 'a.test', 'mail.a.test'], '/home/bob/b')], ALICE);
    expect(placed?.placement).toMatchObject({
      state: 'add',
      vhost: 'b.test',
      aliases: [],
      leftOut: [
        { name: 'a.test', why: 'the website a.test of alice has it' },
        { name: 'mail.a.test', why: 'the website a.test of alice has it' },
      ],
    });
  });

  test('with the document root that it has here already', () => {
    const [placed] = place([tlsSite(['a.test', 'a.org'], '/srv/other')], ALICE);
    expect(placed?.placement).toMatchObject({ state: 'extend', documentRoot: '/home/alice/a' });
  });

  test('nowhere a second time: what was planned is there then', () => {
    const sites = [
      tlsSite(['a.test', 'webmail.a.test'], '/home/alice/a'),
      tlsSite(['mail.a.test', 'imap.a.test'], '/home/alice/m'),
      tlsSite(['b.test'], '/srv/b'),
    ];
    const first = place(sites, {}, 'bob');
    const present = Object.fromEntries(
      first.flatMap(({ placement }) =>
        placement.state === 'refused'
          ? []
          : [[placement.vhost, [placement.account, placement.documentRoot, placement.aliases]] as const],
      ),
    );
    expect(told(sites, present, 'bob')).toEqual([
      'present alice a.test',
      'present bob b.test',
      'present alice mail.a.test',
    ]);
  });
});
