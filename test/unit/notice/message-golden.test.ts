import { describe, expect, test } from '@jest/globals';
import type { NoticeFinding } from '../../../src/core/notice/finding.js';
import type { OutgoingMessage } from '../../../src/core/notice/outgoing-message.js';
import { expectGolden } from '../../support/golden.js';
import { aFinding, aName, day, noticeRig } from '../../support/notice-rig.js';

const FAILING = [
  aName('www.shop.test', { failingSince: day(-30) }),
  aName('mail.shop.test', {
    code: 'HTTP_NOT_FOUND',
    why: '“http://mail.shop.test/.well-known/acme-challenge/…” answered 404; none of its addresses (198.51.100.7) is on this server',
    advice: 'Point mail.shop.test at this server, or exclude the name.',
    pointsElsewhere: true,
    failingSince: day(-12),
  }),
];

/** One finding of each kind, as the night that finds it first would. */
const KINDS: Readonly<Record<string, readonly NoticeFinding[]>> = {
  expiry: [aFinding('notify_autossl_expiry', { daysLeft: 3.5, names: FAILING, deadlineAt: day(3.5) })],
  expired: [
    aFinding('notify_autossl_expiry', {
      daysLeft: -2,
      because: {
        code: 'ORDER_REFUSED',
        text: 'the CA refused the order: too many certificates already issued',
      },
    }),
  ],
  deferral: [aFinding('notify_autossl_expiry_coverage', { names: FAILING, deadlineAt: day(17) })],
  risk: [aFinding('notify_autossl_renewal_coverage', { daysLeft: 60, names: FAILING, deadlineAt: day(57) })],
  reduced: [
    aFinding('notify_autossl_renewal', { daysLeft: 90, names: [aName('shop.test')] }),
    aFinding('notify_autossl_renewal_coverage_reduced', { daysLeft: 90, names: FAILING }),
  ],
  uncovered: [aFinding('notify_autossl_renewal_uncovered_domains', { daysLeft: 90, names: FAILING })],
  foreign: [aFinding('notify_ssl_expiry', { daysLeft: 10 })],
  renewal: [
    aFinding('notify_autossl_renewal', { daysLeft: 90, names: [aName('shop.test'), aName('www.shop.test')] }),
  ],
};

function expectMessages(name: string, messages: readonly OutgoingMessage[]): void {
  for (const message of messages) {
    const whose = `notice/${name}-${message.audience}`;
    expectGolden(`${whose}.txt`, `To: ${message.to}\nSubject: ${message.subject}\n\n${message.text}`);
    expectGolden(`${whose}.html`, message.html);
    expectGolden(`${whose}.json`, `${JSON.stringify(message.document, null, 2)}\n`);
  }
}

describe('what is sent', () => {
  test.each(Object.keys(KINDS))('of %s, to the administrator and to the owner', async (kind) => {
    const messages = await noticeRig().run(KINDS[kind] ?? []);
    expect(messages.map(({ audience }) => audience).sort()).toEqual(['administrator', 'user']);
    expectMessages(kind, messages);
  });

  test('of names that a CA has paused, to the administrator alone, with the whole page', async () => {
    const unpauseUrl = `https://portal.ca.test/unpause?jwt=${'x'.repeat(400)}`;
    const names = [aName('www.shop.test', { code: 'NAME_PAUSED', advice: 'Mend it.', unpauseUrl })];
    const because = { code: 'NAME_PAUSED', text: 'The provider takes no orders for them.' };
    const messages = await noticeRig().run([aFinding('notify_autossl_paused_names', { names, because })]);
    expect(messages.map(({ audience }) => audience)).toEqual(['administrator']);
    expect(messages[0]?.text).toContain(`\n    ${unpauseUrl}\n`);
    expectMessages('paused', messages);
  });

  test('of paused names once, whatever their page is the next night, and that it is over', async () => {
    const { run, clock } = noticeRig();
    const finding = (unpauseUrl: string): NoticeFinding =>
      aFinding('notify_autossl_paused_names', {
        names: [aName('www.shop.test', { code: 'NAME_PAUSED', unpauseUrl })],
      });
    expect(await run([finding('https://portal.ca.test/unpause?jwt=1')])).toHaveLength(1);
    clock.set(day(1).toISOString());
    expect(await run([finding('https://portal.ca.test/unpause?jwt=2')])).toEqual([]);
    clock.set(day(2).toISOString());
    const [message, ...others] = await run([]);
    expect([message?.audience, others]).toEqual(['administrator', []]);
    expect(message?.text).toContain('names were paused by the provider');
  });

  test('when a trouble is over', async () => {
    const { run } = noticeRig();
    await run(KINDS['deferral'] ?? []);
    const messages = await run(KINDS['renewal'] ?? []);
    expect(messages).toHaveLength(2);
    expectMessages('over', messages);
  });

  test('in a digest after a week', async () => {
    const { run, clock } = noticeRig();
    const findings = [...(KINDS['deferral'] ?? []), { ...KINDS['uncovered']?.[0], vhost: 'blog.test' }];
    await run(findings as NoticeFinding[]);
    clock.set(day(7).toISOString());
    const messages = await run(findings as NoticeFinding[]);
    expect(messages).toHaveLength(2);
    expectMessages('digest', messages);
  });
});
