import { describe, expect, test } from '@jest/globals';
import type { OutgoingMessage } from '../../../src/core/notice/outgoing-message.js';
import { aFinding, aName, day, noticeRig } from '../../support/notice-rig.js';

const NASTY = [
  `<script>alert(1)</script><img src=x onerror="a" style='b'>`,
  '\r\nBcc: victim@x.test\r\n\r\nbody',
  '\u001b]0;owned\u0007\u001b[2J',
  '\u202egnp.exe\u2066',
  '{{host}}{{#troubles}}',
  '"; rm -rf / #`id`$(id)',
];

const failing = (text: string) =>
  aFinding('notify_autossl_expiry_coverage', {
    vhost: `shop.test${text}`,
    daysLeft: 60,
    names: [aName(`www${text}`, { why: text, advice: text, code: text, failingSince: day(-30) })],
    because: { code: text, text },
  });

function expectHarmless({ subject, text, html, id }: OutgoingMessage): void {
  expect(subject).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  expect(html).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  expect(text).not.toMatch(/^Bcc:/m);
  expect(html).not.toMatch(/<script|<img|onerror="|style='/);
  expect(html).not.toMatch(/<[^>]*\b(?:src|href|on[a-z]+)\s*=|url\(/i);
  expect(id).toMatch(/^[A-Za-z0-9-]+$/);
}

describe('what outside wrote', () => {
  test.each(NASTY)('%j steers no header, page, terminal or template', async (text) => {
    const { run, clock } = noticeRig();
    const own = { ...failing(text), kind: 'notify_autossl_expiry' as const };
    const all = [
      ...(await run([failing(text)])),
      ...(await run([own])),
      ...(await run([{ ...failing(text), kind: 'notify_autossl_renewal' }])),
    ];
    clock.set(day(3).toISOString());
    await run([failing(text)]);
    clock.set(day(10).toISOString());
    all.push(...(await run([failing(text)])));
    expect(all.length).toBeGreaterThanOrEqual(8);
    for (const message of all) expectHarmless(message);
  });

  test('that is no host name stands in no command', async () => {
    for (const text of NASTY) {
      const [message] = (await noticeRig().run([failing(text)])).filter(({ to }) => to === 'root');
      expect(message?.text).not.toMatch(/^ +autossl (?:exclude|why)/m);
    }
  });

  test('in letters that look like others shows its code points', async () => {
    const [message] = await noticeRig().run([{ ...failing(''), vhost: 'pаypal.test' }]);
    expect(message?.text).toContain('p\\u{430}ypal.test');
  });

  test('a wildcard is quoted for the shell', async () => {
    const finding = aFinding('notify_autossl_expiry_coverage', {
      daysLeft: 60,
      names: [aName('*.shop.test', { failingSince: day(-8) })],
    });
    const root = (await noticeRig().run([finding])).find(({ to }) => to === 'root');
    expect(root?.text).toContain("    autossl exclude add alice '*.shop.test'\n");
  });
});

describe('the advice to exclude a name', () => {
  test.each([
    [
      'after a week of pointing elsewhere',
      { code: 'HTTP_NOT_FOUND', pointsElsewhere: true, failingSince: day(-7) },
      true,
    ],
    ['not before', { code: 'HTTP_NOT_FOUND', pointsElsewhere: true, failingSince: day(-6.9) }, false],
    ['after a week without an address', { code: 'NXDOMAIN', failingSince: day(-7) }, true],
    ['not where it is served from here', { code: 'HTTP_NOT_FOUND', failingSince: day(-70) }, false],
    ['not where nobody knows since when', { code: 'NXDOMAIN', failingSince: null }, false],
  ])('is given %s', async (_when, given, isGiven) => {
    const finding = aFinding('notify_autossl_expiry_coverage', {
      daysLeft: 60,
      names: [aName('a.shop.test', given)],
    });
    const messages = await noticeRig().run([finding]);
    const [root, owner] = [
      messages.find(({ to }) => to === 'root'),
      messages.find(({ to }) => to !== 'root'),
    ];
    expect(root?.text.includes('autossl exclude add alice a.shop.test')).toBe(isGiven);
    expect(owner?.text.includes('exclude it from AutoSSL')).toBe(isGiven);
    expect(owner?.text).not.toContain('autossl exclude');
  });
});
