import { describe, expect, test } from '@jest/globals';
import type { NoticeFinding } from '../../../src/core/notice/finding.js';
import type { OutgoingMessage } from '../../../src/core/notice/outgoing-message.js';
import { aFinding, aName, day, noticeRig } from '../../support/notice-rig.js';

const deferral = (...names: string[]) =>
  aFinding('notify_autossl_expiry_coverage', {
    names: names.map((name) => aName(name)),
    deadlineAt: day(17),
  });
const uncovered = (...names: string[]) =>
  aFinding('notify_autossl_renewal_uncovered_domains', { names: names.map((name) => aName(name)) });
const reduced = (...names: string[]) =>
  aFinding('notify_autossl_renewal_coverage_reduced', {
    names: names.map((name) => aName(name)),
    daysLeft: 90,
  });
const expiry = (daysLeft: number) => aFinding('notify_autossl_expiry', { daysLeft });
const foreign = (daysLeft: number) => aFinding('notify_ssl_expiry', { daysLeft });
const renewal = (serial: string) =>
  aFinding('notify_autossl_renewal', {
    certificate: { serial, notBefore: day(0), notAfter: day(90), isSelfSigned: false },
  });
const withCode = (finding: NoticeFinding, code: string) => ({
  ...finding,
  names: finding.names.map((name) => ({ ...name, code })),
});

/** The administrator's subject without the server, `-` for no mail. */
function told(messages: readonly OutgoingMessage[]): string {
  const message = messages.find(({ audience }) => audience === 'administrator');
  return message?.subject.replace('AutoSSL on host.example.net: ', '') ?? '-';
}

/** Nights after the first: on which day, what is found, what the administrator is mailed. */
type Night = readonly [number, readonly NoticeFinding[], string];

const STORIES: readonly (readonly [string, readonly Night[]])[] = [
  ['nothing is wrong: no mail', [[0, [], '-']]],
  [
    'a deferral is told once, however near its deadline comes',
    [
      [0, [deferral('a.test')], '1 renewal waits'],
      [1, [deferral('a.test')], '-'],
      [2, [deferral('a.test')], '-'],
    ],
  ],
  [
    'another name fails too: told',
    [
      [0, [deferral('a.test')], '1 renewal waits'],
      [1, [deferral('a.test', 'b.test')], '1 renewal waits'],
      [2, [deferral('a.test', 'b.test')], '-'],
    ],
  ],
  [
    'a name fails for another reason: told, but not each time it changes its mind',
    [
      [0, [deferral('a.test')], '1 renewal waits'],
      [1, [withCode(deferral('a.test'), 'HTTP_NOT_FOUND')], '1 renewal waits'],
      [2, [deferral('a.test')], '-'],
      [3, [withCode(deferral('a.test'), 'HTTP_NOT_FOUND')], '-'],
    ],
  ],
  [
    'it is over: told once, and what comes back later is told again',
    [
      [0, [deferral('a.test')], '1 renewal waits'],
      [1, [], '1 trouble is over'],
      [2, [], '-'],
      [15, [deferral('a.test')], '1 renewal waits'],
      [16, [], '1 trouble is over'],
    ],
  ],
  [
    'what comes back within a week of its end is no news, and in the weekly list',
    [
      [0, [deferral('a.test')], '1 renewal waits'],
      [1, [], '1 trouble is over'],
      [2, [deferral('a.test')], '-'],
      [3, [], '-'],
      [4, [deferral('a.test')], '-'],
      [7, [], '-'],
      [8, [deferral('a.test')], '1 trouble remains'],
      [9, [], '-'],
      [14, [], '-'],
      [15, [], '1 trouble remains'],
      [16, [], '-'],
      [21, [], '1 trouble is over'],
      [22, [], '-'],
    ],
  ],
  [
    'what comes back and stays is in the weekly list, and its end is news again once a week is over',
    [
      [0, [deferral('a.test')], '1 renewal waits'],
      [1, [], '1 trouble is over'],
      [2, [deferral('a.test')], '-'],
      [8, [deferral('a.test')], '1 trouble remains'],
      [9, [deferral('a.test')], '-'],
      [10, [], '-'],
      [14, [], '1 trouble is over'],
    ],
  ],
  [
    'another name each night: twice told, then once a week, as it is then',
    [
      [0, [uncovered('a.test')], '1 website has unsecured names'],
      [1, [uncovered('b.test')], '1 website has unsecured names'],
      [2, [uncovered('c.test')], '-'],
      [6, [uncovered('d.test')], '-'],
      [7, [uncovered('e.test')], '1 website has unsecured names'],
      [8, [uncovered('f.test')], '-'],
      [14, [uncovered('g.test')], '1 website has unsecured names'],
    ],
  ],
  [
    'a third change in a week waits: its end is told when the week is over',
    [
      [0, [deferral('a.test')], '1 renewal waits'],
      [1, [deferral('a.test', 'b.test')], '1 renewal waits'],
      [2, [], '-'],
      [6, [], '-'],
      [7, [], '1 trouble is over'],
      [8, [], '-'],
    ],
  ],
  [
    'a clock that was far ahead keeps no week from ending, and no certificate from being near its end',
    [
      [
        0,
        [uncovered('a.test'), { ...expiry(80), vhost: 'blog.test' }],
        '1 certificate expires in 80 days, 1 website has unsecured names',
      ],
      [
        400,
        [uncovered('a.test'), { ...expiry(-320), vhost: 'blog.test' }],
        '1 website without a valid certificate, 1 trouble remains',
      ],
      [1, [uncovered('a.test'), { ...expiry(79), vhost: 'blog.test' }], '2 troubles remain'],
      [2, [uncovered('a.test'), { ...expiry(78), vhost: 'blog.test' }], '-'],
      [9, [uncovered('a.test'), { ...expiry(71), vhost: 'blog.test' }], '2 troubles remain'],
      [
        72,
        [uncovered('a.test'), { ...expiry(8), vhost: 'blog.test' }],
        '1 certificate expires in 8 days, 1 trouble remains',
      ],
    ],
  ],
  [
    'a deferral that ends with the loss of the name: the loss is told, not that the deferral is over',
    [
      [0, [deferral('a.test')], '1 renewal waits'],
      [17, [renewal('77'), reduced('a.test')], '1 certificate lost names'],
      [18, [reduced('a.test')], '-'],
      [19, [reduced('a.test')], '-'],
      [20, [], '1 trouble is over'],
    ],
  ],
  [
    'what was lost long ago and counts as missing now is told so, and not as over',
    [
      [0, [reduced('a.test')], '1 certificate lost names'],
      [1, [uncovered('a.test')], '1 website has unsecured names'],
    ],
  ],
  [
    'a certificate that cannot be renewed is told when that begins, in its last tenth, and when it expired',
    [
      [0, [expiry(25)], '1 certificate expires in 25 days'],
      [1, [expiry(24)], '-'],
      [2, [expiry(9)], '1 certificate expires in 9 days'],
      [3, [expiry(8)], '-'],
      [4, [expiry(-1)], '1 website without a valid certificate'],
      [5, [expiry(-1)], '-'],
    ],
  ],
  [
    'a renewal is told once for each certificate',
    [
      [0, [renewal('01')], '1 renewed'],
      [0.01, [renewal('01')], '-'],
      [1, [renewal('02')], '1 renewed'],
    ],
  ],
  [
    'what stays is listed after a week, all of it, and then a week later; what grows urgent meanwhile is told',
    [
      [0, [deferral('a.test')], '1 renewal waits'],
      [
        5,
        [deferral('a.test'), { ...uncovered('b.test'), vhost: 'blog.test' }],
        '1 website has unsecured names',
      ],
      [7, [deferral('a.test'), { ...uncovered('b.test'), vhost: 'blog.test' }], '2 troubles remain'],
      [8, [deferral('a.test'), { ...uncovered('b.test'), vhost: 'blog.test' }], '-'],
      [12, [deferral('a.test'), { ...uncovered('b.test'), vhost: 'blog.test' }], '1 renewal waits'],
      [14, [deferral('a.test'), { ...uncovered('b.test'), vhost: 'blog.test' }], '2 troubles remain'],
    ],
  ],
  [
    'what is new and what stays go into one mail',
    [
      [0, [uncovered('a.test')], '1 website has unsecured names'],
      [
        7,
        [uncovered('a.test'), { ...deferral('b.test'), vhost: 'blog.test' }],
        '1 renewal waits, 1 trouble remains',
      ],
    ],
  ],
  [
    'a foreign certificate is told when it is found to expire, and when it expired',
    [
      [0, [foreign(20)], '1 certificate of another issuer expires'],
      [1, [foreign(19)], '-'],
      [2, [foreign(-1)], '1 certificate of another issuer expires'],
      [3, [], '1 trouble is over'],
    ],
  ],
];

describe('from night to night', () => {
  test.each(STORIES)('%s', async (_story, nights) => {
    const { run, clock } = noticeRig();
    for (const [at, findings, expected] of nights) {
      clock.set(day(at).toISOString());
      const shifted = findings.map((finding) => agedTo(finding, at));
      expect([at, told(await run(shifted))]).toEqual([at, expected]);
    }
  });

  /** `daysLeft` of a story counts from its night. */
  function agedTo(finding: NoticeFinding, at: number): NoticeFinding {
    if (finding.kind !== 'notify_autossl_expiry' && finding.kind !== 'notify_ssl_expiry') return finding;
    const { certificate } = finding;
    const ms = at * 86_400_000;
    return certificate === null
      ? finding
      : {
          ...finding,
          certificate: { ...certificate, notAfter: new Date(certificate.notAfter.getTime() + ms) },
        };
  }
});

describe('what a run did not look at', () => {
  test.each([
    [
      'another account was checked alone',
      { kind: 'accounts', accounts: new Set(['bob']), unsettled: new Set<string>() } as const,
    ],
    [
      'the account could not be read',
      { kind: 'all', except: new Set(['alice']), unsettled: new Set<string>() } as const,
    ],
    [
      'the run cannot speak for the website',
      { kind: 'all', except: new Set<string>(), unsettled: new Set(['shop.test']) } as const,
    ],
    [
      'the poller looked at another website',
      { kind: 'websites', websites: [{ account: 'alice', vhost: 'blog.test' }] } as const,
    ],
  ])('is not over: %s', async (_why, scope) => {
    const { run } = noticeRig({ users: { alice: { CONTACTEMAIL: 'alice@shop.test' }, bob: {} } });
    await run([deferral('a.test')]);
    expect(await run([], scope)).toEqual([]);
    expect(await run([deferral('a.test')])).toEqual([]);
    expect(await run([])).toHaveLength(2);
  });

  test('is not listed by a run of one account, even after a week', async () => {
    const { run, clock } = noticeRig();
    await run([deferral('a.test')]);
    clock.set(day(8).toISOString());
    const scope = { kind: 'accounts', accounts: new Set(['alice']), unsettled: new Set<string>() } as const;
    expect(await run([deferral('a.test')], scope)).toEqual([]);
    expect(await run([deferral('a.test')])).toHaveLength(2);
  });

  test('and of an account that is gone nobody hears again', async () => {
    const { run, users, memory } = noticeRig();
    await run([deferral('a.test')]);
    users.delete('alice');
    expect(await run([])).toEqual([]);
    expect(memory.records.size).toBe(0);
  });
});

describe('notices.repeat', () => {
  test.each([
    ['every-run', [2, 2, 2]],
    ['weekly', [2, 0, 0]],
    ['never', [2, 0, 0]],
  ] as const)('%s: mails of three nights', async (repeat, counts) => {
    const { run, clock } = noticeRig({ repeat });
    const seen: number[] = [];
    for (const at of [0, 1, 2]) {
      clock.set(day(at).toISOString());
      seen.push((await run([uncovered('a.test')])).length);
    }
    expect(seen).toEqual(counts);
    clock.set(day(30).toISOString());
    expect(await run([uncovered('a.test')])).toHaveLength(repeat === 'never' ? 0 : 2);
  });
});

describe('service names that no certificate ever had', () => {
  const never = uncovered('a.test');
  const service = { ...never, names: [aName('cpanel.a.test', { isServiceName: true, wasCovered: false })] };
  test.each([
    ['are not told', service, false, 0],
    ['are told where that is asked for', service, true, 2],
    [
      'are told when one was secured before',
      { ...service, names: service.names.map((name) => ({ ...name, wasCovered: true })) },
      false,
      2,
    ],
  ])('%s', async (_rule, finding, serviceNames, count) => {
    expect(await noticeRig({ serviceNames }).run([finding])).toHaveLength(count);
  });

  test('are left out of what is told of others', async () => {
    const [message] = await noticeRig().run([{ ...never, names: [...never.names, ...service.names] }]);
    expect(message?.text).toContain('a.test');
    expect(message?.text).not.toContain('cpanel');
  });
});

describe('a crash or a fault between sending and remembering', () => {
  test('makes the same message again, which the outbox knows', async () => {
    const { run, memory, outbox } = noticeRig();
    memory.fault = new Error('killed');
    expect(await run([deferral('a.test')])).toHaveLength(2);
    memory.fault = null;
    expect(await run([deferral('a.test')])).toEqual([]);
    expect(outbox.messages).toHaveLength(2);
    expect(await run([])).toHaveLength(2);
  });

  test.each([
    ['everybody', () => true, []],
    ['root', (to: string) => to === 'root', ['alice@shop.test']],
    ['the owner', (to: string) => to !== 'root', ['root']],
  ])('what the outbox refuses for %s is told at the next run', async (_whose, refuses, told) => {
    const { run, outbox, events } = noticeRig();
    outbox.refuses = refuses;
    expect((await run([deferral('a.test')])).map(({ to }) => to)).toEqual(told);
    expect(events).toContainEqual(expect.objectContaining({ type: 'warn', code: 'NOTICES_REFUSED' }));
    outbox.refuses = () => false;
    const later = (await run([deferral('a.test')])).map(({ to }) => to);
    expect([...told, ...later].sort()).toEqual(['alice@shop.test', 'root']);
    expect(await run([deferral('a.test')])).toEqual([]);
  });

  test('an outbox that breaks is a warning, and nothing is remembered', async () => {
    const { run, host, memory, events } = noticeRig();
    const add = async (): Promise<never> => {
      throw new Error('broken');
    };
    Object.assign(host, { outbox: { add } });
    await run([deferral('a.test')]);
    expect(events).toMatchObject([{ type: 'warn', code: 'NOTICES_FAILED' }]);
    expect(memory.records.size).toBe(0);
  });

  test('the same trouble in another week is another message', async () => {
    const { run, outbox, clock } = noticeRig();
    for (let month = 0; month < 5; month++) {
      clock.set(day(month * 30).toISOString());
      await run([deferral('a.test')]);
      await run([]);
    }
    expect(outbox.messages).toHaveLength(20);
    expect(new Set(outbox.messages.map(({ id }) => id)).size).toBe(20);
  });
});

describe('an address that several accounts name', () => {
  const agency = {
    users: {
      alice: { CONTACTEMAIL: 'me@agency.test' },
      bob: { CONTACTEMAIL: 'Me@agency.test,bob@shop.test' },
      carol: { CONTACTEMAIL: 'me@agency.test' },
    },
  };
  const of = (account: string, count = 1): NoticeFinding[] =>
    Array.from({ length: count }, (_, index) => ({
      ...uncovered(`${account}.test`),
      account,
      vhost: `${account}${index}.test`,
    }));
  const toOwners = (messages: readonly OutgoingMessage[]) =>
    messages
      .filter(({ audience }) => audience === 'user')
      .map(({ to, account, subject }) => [to, account, subject.replace('AutoSSL on host.example.net, ', '')]);

  test('gets one message a run, and one list a week', async () => {
    const { run, clock } = noticeRig(agency);
    expect(toOwners(await run([...of('alice'), ...of('bob'), ...of('carol')]))).toEqual([
      ['me@agency.test', null, 'alice, bob, carol: 3 websites have unsecured names'],
      ['bob@shop.test', 'bob', 'bob: 1 website has unsecured names'],
    ]);
    expect(await run([...of('alice'), ...of('bob'), ...of('carol')])).toEqual([]);
    clock.set(day(7).toISOString());
    expect(toOwners(await run([...of('alice'), ...of('bob'), ...of('carol')]))).toEqual([
      ['me@agency.test', null, 'alice, bob, carol: 3 troubles remain'],
      ['bob@shop.test', 'bob', 'bob: 1 trouble remains'],
    ]);
  });

  test('is not told again of all when the message to it was refused for one run', async () => {
    const { run, outbox } = noticeRig(agency);
    outbox.refuses = (to) => to === 'me@agency.test';
    expect(toOwners(await run([...of('alice'), ...of('bob')]))).toEqual([
      ['bob@shop.test', 'bob', 'bob: 1 website has unsecured names'],
    ]);
    outbox.refuses = () => false;
    expect(toOwners(await run([...of('alice'), ...of('bob')]))).toEqual([
      ['me@agency.test', 'alice', 'alice: 1 website has unsecured names'],
    ]);
  });

  test('is shown something of each account, however much there is to say of one of them', async () => {
    const { run } = noticeRig(agency);
    const [mail] = (await run([...of('alice', 200), ...of('carol')])).filter(
      ({ audience }) => audience === 'user',
    );
    expect(mail?.text).toContain('carol0.test');
    expect(mail?.text).toContain('201 websites');
    expect(mail?.text.length).toBeLessThan(30_000);
  });
});

describe('the weekly list', () => {
  test('proposes to exclude what has pointed elsewhere for a week, with the command on a line of its own', async () => {
    const { run, clock } = noticeRig();
    const gone = { ...uncovered('a.test'), names: [aName('a.test', { failingSince: day(0) })] };
    const [first] = await run([gone]);
    expect(first?.text).not.toContain('exclude add');
    clock.set(day(7).toISOString());
    const messages = await run([gone]);
    const root = messages.find(({ audience }) => audience === 'administrator');
    expect(root?.text).toContain('\n    autossl exclude add alice a.test\n');
    expect(root?.html).toContain('<pre>autossl exclude add alice a.test</pre>');
    const owner = messages.find(({ audience }) => audience === 'user');
    expect(owner?.text.replace(/\s+/g, ' ')).toContain('If you mean it so, exclude it from AutoSSL');
    expect(owner?.text).not.toContain('exclude add');
  });
});

test('commands of root’s stand in root’s messages alone, not in a reseller’s', async () => {
  const users = {
    alice: { CONTACTEMAIL: 'alice@shop.test', OWNER: 'ress' },
    ress: { CONTACTEMAIL: 'r@ress.test' },
  };
  const { run, clock } = noticeRig({ users });
  const gone = { ...deferral('a.test'), names: [aName('a.test', { failingSince: day(-20) })] };
  const findings = [gone, { ...foreign(3), vhost: 'old.test' }];
  for (const at of [0, 7]) {
    clock.set(day(at).toISOString());
    for (const { to, text, html, document } of await run(findings)) {
      for (const part of [text, html, JSON.stringify(document)]) {
        expect([to, part.includes('autossl ')]).toEqual([to, to === 'root']);
      }
    }
  }
});
