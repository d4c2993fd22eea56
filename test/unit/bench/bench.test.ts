import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  growthOf,
  installsOf,
  preflightOf,
  startsOf,
  tableOf,
  verdictsOf,
} from '../../../.ci/bench-report.mjs';
import { measure, parseCpu, parsePeak, summarize } from '../../../.ci/measure.mjs';
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
  test('of processor time are read past a name that holds anything', () => {
    const stat = '7 (a ) b(c) S 1 7 7 0 -1 4194560 1 0 0 0 123 45 6 7 20 0 11 0 99';
    expect(parseCpu(stat)).toBe(1680);
    expect(parseCpu('7 (x) S')).toBeNull();
  });
  test('of a program are its own, with the end of what it printed', async () => {
    const words = ['-e', 'process.stdout.write(String(process.argv.length)); process.exitCode = 3'];
    const { code, output, ms } = await measure(process.execPath, words);
    expect({ code, output }).toEqual({ code: 3, output: '1' });
    expect(ms).toBeGreaterThan(0);
  });
});

describe('the report', () => {
  const run = (ms: number, peakMb = 100) => ({ ms, cpuMs: ms / 2, peakBytes: peakMb * 1e6 });
  const floor = [run(1000, 60), run(1200, 60), run(1100, 60)];

  test('has a row for each program and says what is not known', () => {
    const nothing = { ms: 500, cpuMs: null, peakBytes: null };
    const rows = tableOf(
      [
        { name: 'floor', measured: floor },
        { name: 'other', measured: [nothing] },
      ],
      10_000,
    );
    expect(rows.map((row) => row.trim().split(/\s{2,}/))).toEqual([
      ['wall, min', 'wall, median', 'CPU, median', 'ms/website', 'peak memory'],
      ['floor', '1.00 s', '1.10 s', '0.55 s', '0.110', '60 MB'],
      ['other', '0.50 s', '0.50 s', '?', '0.050', '?'],
    ]);
  });

  test.each([
    [
      'met, all of them',
      { floor, ours: [run(2000), run(2400), run(2200)], certbot: [run(20_000), run(24_000), run(22_000)] },
      [
        '2.00 × the floor (aim: at most 3): met',
        '10.00 × faster than certbot (aim: at least 5): met',
        '100 MB at most (aim: under 200 MB): met',
      ],
    ],
    [
      'not met, none of them',
      {
        floor,
        ours: [run(4000), run(4800, 250), run(4400)],
        certbot: [run(4000), run(4800), run(4400)],
      },
      [
        '4.00 × the floor (aim: at most 3): NOT met',
        '1.00 × faster than certbot (aim: at least 5): NOT met',
        '250 MB at most (aim: under 200 MB): NOT met',
      ],
    ],
    [
      'not known without certbot and /proc',
      { floor, ours: floor.map(({ ms }) => ({ ms, cpuMs: null, peakBytes: null })) },
      [
        '1.00 × the floor (aim: at most 3): met',
        'certbot was not measured (aim: at least 5 × faster): not known',
        'this system does not tell the peak memory of a process: not known',
      ],
    ],
    [
      'judged round by round, so that a busy machine does not decide; and it is said',
      { floor: [run(1000), run(4000), run(1000)], ours: [run(2000), run(8000), run(9000)] },
      [
        '2.00 × the floor (aim: at most 3): met',
        'certbot was not measured (aim: at least 5 × faster): not known',
        '100 MB at most (aim: under 200 MB): met',
        'The machine was busy with other things: the floor itself took 1.00 s to 4.00 s.',
      ],
    ],
  ])('says of each aim whether it is %s', (_, rounds, said) => {
    expect(verdictsOf(rounds)).toEqual(said);
  });

  test('compares the quickest starts and tells growth for each website', () => {
    const measured = [run(90), run(62), run(70)];
    expect(startsOf([run(80), run(50), run(55)], [{ name: 'x --help', measured }])).toEqual([
      'x --help: 62 ms, 1.24 × an empty node (50 ms) (aim: under 1.35): met',
    ]);
    expect(growthOf(10_000, 120e6, 210e6)).toEqual([
      'memory: 120 MB for 10000, 210 MB for 20000: 9.00 kB for each website more (aim: 200 MB for both): NOT met',
    ]);
    expect(growthOf(10_000, null, 1)).toEqual([]);
  });

  test.each([
    [59_000, 'met'],
    [60_000, 'NOT met'],
  ])('sets names beside their DNS questions and dead ones beside living: %i ms is %s', (ms, verdict) => {
    const alive = { ms: 20_000, outcomes: { passed: 2000 } };
    const dead = { ms, outcomes: { passed: 1800, NXDOMAIN: 200 } };
    const hung = { ms: ms / 2, outcomes: { CONNECTION_TIMED_OUT: 200 } };
    const bounds = { sockets: 50, toOneAddress: 16, lookups: 49 };
    expect(preflightOf({ names: 2000, delayMs: 200, floorMs: 16_000, alive, dead, hung, ...bounds })).toEqual(
      [
        '2000 names, name servers that take 200 ms:',
        'all alive: 20.00 s, 1.25 × what their DNS questions alone take (16.00 s)',
        `one in ten dead: ${ms / 1000}.00 s, ${(ms / 20_000).toFixed(2)} × (1800 passed, 200 NXDOMAIN)`,
        `at one hung server: ${(ms / 2000).toFixed(2)} s (200 CONNECTION_TIMED_OUT)`,
        'at once, at most: 50 connections, 16 of them to one address, 49 DNS questions',
        `${ms / 1000}.00 s with dead names (aim: under 60.00 s): ${verdict}`,
        `${(ms / 2000).toFixed(2)} s at one hung server (aim: under 30.00 s): ${verdict}`,
      ],
    );
  });

  test('sets an installation beside the reload of the same round', () => {
    const servers = [{ name: 'nginx', servedMs: [900, 3000, 800], reloadMs: [300, 1000, 400] }];
    expect(installsOf(servers)).toEqual(['nginx: issued to served 0.90 s, its own reload 0.40 s: 3.00 ×']);
  });
});
