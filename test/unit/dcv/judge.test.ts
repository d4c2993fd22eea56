import { describe, expect, test } from '@jest/globals';
import { judgeDcv } from '../../../src/core/dcv/judge.js';
import { type DcvObservation, NOT_CONNECTED_TO } from '../../../src/core/dcv/outcome.js';
import { at, hop, observed, POLICY, seen } from '../../support/dcv-observations.js';

const V4 = '192.0.2.7';
const OTHER_V4 = '192.0.2.8';
const V6 = '2001:db8::7';
const hopHost = 'www.shop.test';
const timeout = () => seen({ error: 'ETIMEDOUT' });
const answered = (status: number, body = '') => seen({ status, body });

describe('the message', () => {
  const messageOf = (observation: DcvObservation, ownAddresses: string[] = []): string => {
    const outcome = judgeDcv(observation, { ...POLICY, ownAddresses });
    return outcome.passed ? outcome.warnings.join('\n') : outcome.message;
  };

  test('names the IPv6 address at fault', () => {
    expect(messageOf(observed([at(V6, answered(404)), at(V4)]))).toBe(
      'www.shop.test at 2001:db8::7 answered with status 404 (not found); IPv4 works, but certificate authorities ask IPv6 first',
    );
  });
  test('says where a redirect led', () => {
    const hops = [hop({ status: 301 }), hop({ url: 'https://shop.test/x', status: 403 })];
    expect(messageOf(observed([at(V4, seen({ hops, body: null }))]))).toBe(
      'www.shop.test at 192.0.2.7, redirected to “https://shop.test/x”, answered with status 403 (forbidden)',
    );
  });
  test('shows nothing of a page that a redirect led to: whoever chose the path may not read there', () => {
    const hops = [hop({ status: 301 }), hop({ url: `http://${hopHost}/server-status` })];
    const secret = observed([at(V4, seen({ hops, body: 'secret' }))]);
    expect(messageOf(secret)).toBe(
      `www.shop.test at 192.0.2.7, redirected to “http://${hopHost}/server-status”, answered with something else than the file`,
    );
    const long = observed([at(V4, seen({ hops, body: 'secret', isBodyTruncated: true }))]);
    expect(messageOf(long)).not.toContain('secret');
  });
  test('hints that the name points elsewhere, after a failure only', () => {
    expect(messageOf(observed([at(V4, answered(404))]), ['198.51.100.1'])).toMatch(
      /; none of its addresses \(192\.0\.2\.7\) is on this server$/,
    );
    expect(messageOf(observed([at(V4)]), ['198.51.100.1'])).toBe('');
    expect(messageOf(observed([at(V4, answered(404))]), [V4])).not.toMatch(/none of its addresses/);
  });
  test('carries nothing that could steer a terminal', () => {
    const body = '\u001b[2J\u202eevil\n'.repeat(50);
    const location = 'http://x/\u001b]0;title\u0007';
    for (const observation of [
      observed([at(V4, seen({ body }))]),
      observed([at(V4, seen({ status: 301, location, body: null, refusedRedirect: '\u001b[1m' }))]),
      observed([at(V4, seen({ error: 'E\u001b[1m' }))]),
      observed([], { lookup: { ipv4Error: '\u001b', ipv6Error: null } }),
      observed([], {
        lookup: { ipv4: [V4] },
        placementFault: { why: 'x\u001b\n'.repeat(500), fault: 'owner' },
      }),
    ]) {
      const message = messageOf(observation);
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(message.length).toBeLessThan(1500);
    }
  });
});

describe('a view from inside is not conclusive', () => {
  const policy = { ...POLICY, ownAddresses: [V4], addressMap: new Map([[OTHER_V4, '10.0.0.8']]) };
  const isConclusive = (observation: DcvObservation): boolean | 'passed' => {
    const outcome = judgeDcv(observation, policy);
    return outcome.passed ? 'passed' : outcome.isConclusive;
  };
  test.each<[string, DcvObservation, boolean | 'passed']>([
    ['our own address that is silent from inside', observed([at(V4, timeout())]), false],
    [
      'our own address that refuses: everybody sees that',
      observed([at(V4, seen({ error: 'ECONNREFUSED' }))]),
      true,
    ],
    ['our own address that answers 404', observed([at(V4, answered(404))]), true],
    ['a foreign address that is silent', observed([at('203.0.113.1', timeout())]), true],
    [
      'a mapped address that refuses: perhaps the router',
      observed([at(OTHER_V4, seen({ error: 'ECONNREFUSED' }))]),
      false,
    ],
    ['no IPv6 here at all', observed([at(V6, seen({ error: 'ENETUNREACH' }))]), false],
    [
      'our resolver is down',
      observed([], { lookup: { ipv4Error: 'ECONNREFUSED', ipv6Error: 'ECONNREFUSED' } }),
      false,
    ],
    [
      'a mapped address that passed at the local one',
      observed([{ ...at(OTHER_V4), localAddress: '10.0.0.8' }]),
      'passed',
    ],
    [
      'a mapped address that is 404 at the local one',
      observed([{ ...at(OTHER_V4, answered(404)), localAddress: '10.0.0.8' }]),
      true,
    ],
  ])('%s', (_case, observation, expected) => {
    expect(isConclusive(observation)).toBe(expected);
  });
  const redirectedTo = (address: string, error: string): DcvObservation =>
    observed([
      at('203.0.113.1', seen({ error, hops: [hop({ status: 301 }), hop({ address, status: null })] })),
    ]);
  test.each<[string, DcvObservation, boolean]>([
    ['a redirect to our own address, which is silent from inside', redirectedTo(V4, 'ETIMEDOUT'), false],
    ['a redirect to our own address, which refuses', redirectedTo(V4, 'ECONNREFUSED'), true],
    ['a redirect to the local side of ours, which is silent', redirectedTo('10.0.0.8', 'ETIMEDOUT'), false],
    ['a redirect to a stranger, who is silent', redirectedTo('203.0.113.9', 'ETIMEDOUT'), true],
    ['a redirect to IPv6, which we do not have', redirectedTo(V6, 'ENETUNREACH'), false],
    ['a firewall of our own', observed([at('203.0.113.1', seen({ error: 'EPERM' }))]), false],
    [
      'an address that is nobody’s',
      observed([at('203.0.113.1', seen({ error: NOT_CONNECTED_TO, hops: [] }))]),
      true,
    ],
  ])('%s', (_case, observation, expected) => {
    expect(isConclusive(observation)).toBe(expected);
  });
  test('a pass at the local address is said to be one', () => {
    const outcome = judgeDcv(observed([{ ...at(OTHER_V4), localAddress: '10.0.0.8' }]), policy);
    expect(outcome).toMatchObject({
      passed: true,
      warnings: ['www.shop.test could be tried only from inside, at 10.0.0.8 for 192.0.2.8'],
    });
  });
});

describe('whose fault it is', () => {
  const refused = { ipv4: [], ipv6: [], ipv4Error: 'ECONNREFUSED', ipv6Error: 'ECONNREFUSED' };
  test.each([
    ['a resolver of ours that refuses', observed([], { lookup: refused }), 'ours', /\/etc\/autossl\.yaml/],
    [
      'a placement that root alone can mend',
      observed([], { lookup: { ipv4: ['192.0.2.7'] }, placementFault: { why: 'uid 0', fault: 'ours' } }),
      'ours',
      /only root can/,
    ],
    ['a name without address', observed([]), 'owner', /./],
  ] as const)('%s', (_case, observation, fault, advice) => {
    expect(judgeDcv(observation, POLICY)).toMatchObject({ fault, advice: expect.stringMatching(advice) });
  });
});
