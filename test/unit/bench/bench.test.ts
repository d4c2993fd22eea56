import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parsePeak, summarize } from '../../../.ci/measure.mjs';
import { benchRootPem, issueFor } from '../../bench/certificates.js';
import { benchAccounts, websitesOf } from '../../bench/websites.js';
import { anIntermediate } from '../../support/pki.js';

describe('the benchmark', () => {
  test.each([[1], [2], [5], [10], [11], [25], [100]])(
    'has exactly %i websites when asked for as many',
    (count) => {
      const websites = benchAccounts(count).flatMap(([name, spec]) => websitesOf(name, spec));
      expect(new Set(websites.map(({ vhost }) => vhost)).size).toBe(count);
      expect(benchAccounts(count)).toHaveLength(Math.ceil(count / 10));
    },
  );

  test('gives every website a certificate of its own, valid and far from renewal', () => {
    const now = new Date();
    const serials = new Set<string>();
    const websites = benchAccounts(50).flatMap(([name, spec]) => websitesOf(name, spec));
    for (const [index, website] of websites.entries()) {
      const { certificate, record } = issueFor(website, index, now);
      const leaf = new X509Certificate(certificate.combined);
      expect(leaf.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(record.fingerprint);
      expect(leaf.serialNumber.toLowerCase()).toBe(record.serial);
      expect(website.names.every((name) => leaf.checkHost(name) !== undefined)).toBe(true);
      expect(new Date(leaf.validFrom) <= now).toBe(true);
      // A third of 90 days, a tenth for spreading, and the days that a built tree is kept.
      expect(Date.parse(leaf.validTo) - now.getTime()).toBeGreaterThan((30 + 9 + 5) * 86_400_000);
      serials.add(record.serial);
    }
    expect(serials.size).toBe(websites.length);
  });

  test('chains its certificates to its root', () => {
    const [name, spec] = benchAccounts(1)[0] ?? [];
    if (name === undefined || spec === undefined) throw new Error('no account');
    const [website] = websitesOf(name, spec);
    if (website === undefined) throw new Error('no website');
    const { certificate } = issueFor(website, 0, new Date());
    const [leaf, intermediate] = certificate.chainPem
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .map((pem) => new X509Certificate(pem));
    const root = new X509Certificate(benchRootPem());
    expect(intermediate && leaf?.verify(intermediate.publicKey)).toBe(true);
    expect(intermediate?.verify(root.publicKey)).toBe(true);
    expect(leaf?.verify(new X509Certificate(anIntermediate().certPem).publicKey)).toBe(false);
  });
});

describe('measurements', () => {
  test.each([
    [[3], { min: 3, median: 3, max: 3 }],
    [[9, 1, 5], { min: 1, median: 5, max: 9 }],
    [[10, 2, 4, 6], { min: 2, median: 5, max: 10 }],
  ])('of %j are summarized as %j', (numbers, expected) => {
    expect(summarize(numbers)).toEqual(expected);
  });
  test('of memory are read from the kernel’s own words', () => {
    expect(parsePeak('Name:\tnode\nVmPeak:\t  900000 kB\nVmHWM:\t   65432 kB\nVmRSS:\t   60000 kB\n')).toBe(
      67_002_368,
    );
    expect(parsePeak('Name:\tkthreadd\n')).toBeNull();
  });
});
