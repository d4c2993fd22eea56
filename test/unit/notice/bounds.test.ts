import { describe, expect, test } from '@jest/globals';
import { expectGolden } from '../../support/golden.js';
import { aFinding, aName, day, noticeRig } from '../../support/notice-rig.js';

const COUNT = 10_000;
const accountOf = (index: number) => `u${String(index).padStart(5, '0')}`;
const users = Object.fromEntries(
  Array.from({ length: COUNT }, (_, index) => [accountOf(index), { CONTACTEMAIL: `o${index}@x.test` }]),
);

describe('a night of ten thousand', () => {
  test('renewals: one mail to root, one to each owner, all of bounded size; none on the next run', async () => {
    const findings = Array.from({ length: COUNT }, (_, index) =>
      aFinding('notify_autossl_renewal', {
        account: accountOf(index),
        vhost: `site${index}.test`,
        certificate: {
          serial: index.toString(16).toUpperCase(),
          notBefore: day(0),
          notAfter: day(90),
          isSelfSigned: false,
        },
        names: [aName(`site${index}.test`), aName(`www.site${index}.test`)],
      }),
    );
    const { run, events } = noticeRig({ users });
    const messages = await run(findings);
    const [root, ...others] = messages.filter(({ to }) => to === 'root');
    expect(others).toEqual([]);
    expect(messages).toHaveLength(COUNT + 1);
    expect(new Set(messages.map(({ to }) => to)).size).toBe(COUNT + 1);
    expect(root?.subject).toBe('AutoSSL on host.example.net: 10,000 renewed');
    expect(root?.text).toContain('and 9,990 more: autossl status');
    for (const { text, html } of messages) {
      expect(text.length).toBeLessThan(10_000);
      expect(html.length).toBeLessThan(30_000);
    }
    expect(events).toMatchObject([{ code: 'NOTICES_QUEUED', data: { count: COUNT + 1 } }]);
    expectGolden('notice/renewals-10000.txt', `To: root\nSubject: ${root?.subject}\n\n${root?.text}`);
    expectGolden('notice/renewals-10000.html', root?.html ?? '');
    expect(await run(findings)).toEqual([]);
  }, 60_000);

  test('failures of as many names as a certificate holds, with long reasons: bounded, counts true', async () => {
    const names = Array.from({ length: 100 }, (_, index) =>
      aName(`${'a'.repeat(60)}${index}.test`, { why: 'w'.repeat(5000), advice: 'v'.repeat(5000) }),
    );
    const findings = Array.from({ length: 300 }, (_, index) =>
      aFinding('notify_autossl_expiry_coverage', {
        account: accountOf(0),
        vhost: `site${index}.test`,
        names,
        daysLeft: 60,
      }),
    );
    const messages = await noticeRig({ users }).run(findings);
    expect(messages).toHaveLength(2);
    for (const { text, html, subject, document } of messages) {
      expect(subject).toContain('300 renewals wait');
      expect(text).toContain('and 95 more names');
      expect(text.length).toBeLessThan(150_000);
      expect(html.length).toBeLessThan(200_000);
      expect(JSON.stringify(document).length).toBeLessThan(200_000);
      expect(document).toMatchObject({ counts: { deferred: 300 } });
    }
    expect(messages.find(({ to }) => to === 'root')?.text).toContain('and 280 more: autossl problems');
  });
});
