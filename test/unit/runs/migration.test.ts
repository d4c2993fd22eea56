import { expect, test } from '@jest/globals';
import { LETS_ENCRYPT } from '../../../src/core/provider/known/lets-encrypt.js';
import { BoulderLimits } from '../../support/boulder-limits.js';
import { runCheck } from '../../support/check-run.js';
import { queueHostWithCa, runQueue } from '../../support/queue-run.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Half of a server that moves is without certificates, the other half has those of its former CA. */
const NEW = process.env['LONG'] === '1' ? 2500 : 600;
const OLD = NEW;
/** Of the new ones: customers below one domain, more than it may have certificates in a week. */
const BELOW_ONE_DOMAIN = 70;
const DAYS = 14;

const pad = (nth: number): string => String(nth).padStart(4, '0');

test(`a server of ${NEW + OLD} websites moves to Let’s Encrypt without one rateLimited answer: new before renewals, and none expires`, async () => {
  const { host, ca } = queueHostWithCa();
  host.provider = { ...LETS_ENCRYPT, patienceMs: 0 };
  host.directoryUrl = 'https://ca.test/dir';
  const start = host.clock.now().getTime();
  const limits = new BoulderLimits(() => host.clock.now());
  ca.onNewOrder = (names) => limits.newOrder(names);
  ca.onFinalize = async (names) => limits.issued(names);
  const news = Array.from({ length: NEW }, (_, nth) =>
    nth < BELOW_ONE_DOMAIN
      ? [`c${pad(nth)}.hosting.test`]
      : [`new${pad(nth)}.test`, `www.new${pad(nth)}.test`],
  );
  const olds = Array.from({ length: OLD }, (_, nth) => [`old${pad(nth)}.test`]);
  host.account('alice', [...news, ...olds]);
  const expiries = new Map<string, number>();
  for (const [nth, [name = '']] of olds.entries()) {
    const daysLeft = 6 + (nth % 22);
    host.certificate(name, [name], { daysLeft });
    expiries.set(name, start + daysLeft * DAY_MS);
  }
  for (const [name, records] of host.issued.records)
    host.issued.records.set(
      name,
      records.map((record) => ({ ...record, provider: 'ZeroSSL' })),
    );

  const orderedAt = new Map<string, number>();
  let seen = 0;
  const note = (): void => {
    for (const [name = ''] of ca.ordered.slice(seen)) orderedAt.set(name, host.clock.now().getTime());
    seen = ca.ordered.length;
  };
  for (let minutes = 0; minutes < DAYS * 24 * 60 && seen < NEW + OLD; minutes += 5) {
    host.clock.set(new Date(start + minutes * MINUTE_MS).toISOString());
    if (minutes % (24 * 60) === 0) await runCheck(host);
    else await runQueue(host);
    note();
  }

  expect(limits.refusals).toBe(0);
  expect(orderedAt.size).toBe(NEW + OLD);
  expect(ca.ordered).toHaveLength(NEW + OLD);
  // What our share of the CA's limit allows: 150 at once, then one in 72 seconds.
  const freely = [...orderedAt].filter(([name]) => !name.endsWith('.hosting.test')).map(([, at]) => at);
  expect(Math.max(...freely)).toBeLessThan(start + 5 * DAY_MS);
  // Its domain gave 45 at once, and one more every 3.7 hours.
  const below = [...orderedAt].filter(([name]) => name.endsWith('.hosting.test')).map(([, at]) => at);
  expect(below.filter((at) => at < start + DAY_MS).length).toBeLessThanOrEqual(52);
  expect(Math.max(...below)).toBeLessThan(start + 6 * DAY_MS);
  for (const [name, at] of expiries) expect(orderedAt.get(name)).toBeLessThan(at);
  const lastNew = Math.max(
    ...freely.slice(0, 100),
    ...[...orderedAt].filter(([name]) => name.startsWith('new')).map(([, at]) => at),
  );
  const early = [...orderedAt].filter(([name, at]) => name.startsWith('old') && at < lastNew - DAY_MS / 2);
  // Only emergencies go before new websites.
  for (const [name, at] of early) expect((expiries.get(name) ?? 0) - at).toBeLessThan(4.6 * DAY_MS);
});
