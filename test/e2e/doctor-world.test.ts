import { spawnSync } from 'node:child_process';
import { chownSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DoctorReport, Examination, Finding } from '../../src/core/doctor/finding.js';
import type { ProgramResult } from '../demo/program.js';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { listTree } from '../support/file-tree.js';
import { runBinBehind } from '../support/mounted-program.js';
import { runBinLater } from '../support/moved-clock.js';
import { describeWithParts } from '../support/needs.js';
import { aCertificate } from '../support/pki.js';
import { freePort } from '../support/ports.js';
import { aTree } from '../support/tree-builder.js';

/** No process has it: pids end below (PID_MAX_LIMIT). */
const DEAD_PID = 4_194_305;
const GONE = { pid: DEAD_PID, startTicks: 1, bootId: 'another boot', pidNamespace: null };
const SOMEBODY = 12_345;
const ORPHAN = '1700000000000-0123456789abcdef';
const DAY_MINUTES = 24 * 60;

describeWithParts(
  'what autossl doctor finds in the world around it',
  ['pebble', 'openssl', 'mounts', 'faketime', 'root'],
  () => {
    let site: CaSite;
    let hosted: HostedTree;
    const at = (path: string): string => join(hosted.root, path);
    const own = (path: string): string => at(join('var/cpanel/ssl/autossl', path));
    const reportOf = ({ exitCode, stdout, stderr }: ProgramResult) => {
      expect(stderr).toBe('');
      return { exitCode, report: JSON.parse(stdout) as DoctorReport };
    };
    const doctor = async (...words: string[]) =>
      reportOf(await hosted.run('autossl', 'doctor', '--json', ...words));
    const of = (report: DoctorReport, code: Examination): readonly Finding[] =>
      report.findings.filter((finding) => finding.code === code);
    const place = (path: string, text: string): void => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, text, { mode: 0o600 });
    };

    beforeAll(async () => {
      buildPrograms();
      site = await startCaSite();
      hosted = await site.host({ alice: { domain: 'one.test', subs: [], keyType: 'ecdsa-prime256v1' } });
      await site.choose(hosted);
      mkdirSync(at('etc/cron.d'), { recursive: true });
      expect((await hosted.run('autossl_check', '--all')).exitCode).toBe(0);
      await doctor('--fix');
    });
    afterAll(async () => site?.stop());

    test('all is well: the CA answers, its clock is ours, challenges are answered', async () => {
      const before = listTree(hosted.root);
      const { exitCode, report } = await doctor();
      expect(report.findings.filter(({ health }) => health === 'fault')).toEqual([]);
      for (const code of ['PAIRS', 'CA', 'CLOCK', 'CHALLENGES', 'ROOM', 'RESOLVER'] as const) {
        expect(of(report, code)).toMatchObject([{ health: 'ok' }]);
      }
      expect(exitCode).toBe(0);
      expect(listTree(hosted.root)).toEqual(before);
    });

    interface Trouble {
      readonly code: Examination;
      readonly health: Finding['health'];
      readonly says: RegExp;
      readonly advises: RegExp;
      /** Gives what makes it well again. */
      readonly hurt: () => (() => void) | Promise<() => void>;
    }
    const rewritten = (path: string, change: (text: string) => string): (() => void) => {
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, change(text));
      return () => writeFileSync(path, text);
    };
    const placed = (path: string, text: string): (() => void) => {
      place(path, text);
      return () => rmSync(path, { recursive: true });
    };
    const unfixable: readonly (readonly [string, Trouble])[] = [
      [
        'a CA that is not there',
        {
          code: 'CA',
          health: 'fault',
          says: /cannot be used: the CA at localhost:\d+ cannot be reached/,
          advises: /Nothing is ordered meanwhile/,
          hurt: async () => {
            const port = await freePort();
            return rewritten(at('var/cpanel/autossl.json'), (text) =>
              text.replaceAll(site.proxy.directoryUrl, `https://localhost:${port}/dir`),
            );
          },
        },
      ],
      [
        'a CA that stopped our account',
        {
          code: 'LIMITS',
          health: 'warning',
          says: /stopped our account until 2099-01-01.*too many new orders/,
          advises: /autossl limits/,
          hurt: () =>
            rewritten(own('ledger/CustomACME.json'), (text) =>
              JSON.stringify({
                ...JSON.parse(text),
                stoppedUntil: '2099-01-01T00:00:00.000Z',
                stoppedBecause: 'too many new orders',
              }),
            ),
        },
      ],
      [
        'a resolver that does not validate',
        {
          code: 'RESOLVER',
          health: 'warning',
          says: /does not validate DNSSEC/,
          advises: /"resolvers"/,
          hurt: () => {
            site.dns.zones.set('dnssec-failed.org', { A: ['192.0.2.1'] });
            return () => site.dns.zones.delete('dnssec-failed.org');
          },
        },
      ],
      [
        'a web server that does not serve the challenge folder',
        {
          code: 'CHALLENGES',
          health: 'warning',
          says: /^one\.test: .*404/,
          advises: /autossl why one\.test/,
          hurt: () => {
            const former = site.web.behaviours.get('*');
            site.web.behaviours.set('*', async (_, response) => {
              response.writeHead(404).end('not here');
              return true;
            });
            return () => {
              if (former !== undefined) site.web.behaviours.set('*', former);
            };
          },
        },
      ],
      [
        'a file that is no certificate',
        {
          code: 'PAIRS',
          health: 'fault',
          says: /^one\.test: .*combined holds no certificate/,
          advises: /autossl_check --all/,
          hurt: () => rewritten(at('var/cpanel/ssl/apache_tls/one.test/combined'), () => 'nonsense'),
        },
      ],
      [
        'a service whose key is another one',
        {
          code: 'SERVICE_PAIRS',
          health: 'fault',
          says: /^exim: key and certificate do not match/,
          advises: /checkallsslcerts/,
          hurt: () => {
            const { certPem } = aCertificate({ names: ['host.test'] });
            return placed(
              at('var/cpanel/ssl/exim/combined'),
              aCertificate({ names: ['host.test'] }).keyPem + certPem,
            );
          },
        },
      ],
      [
        'a publication that was begun',
        {
          code: 'JOURNALS',
          health: 'warning',
          says: /the publication for one\.test is half done/,
          advises: /autossl_check --all/,
          hurt: () => {
            const begun = { account: 'alice', vhost: 'one.test', names: [], withdrawn: [] };
            const startedAt = '2026-01-01T00:00:00.000Z';
            const path = own('staging/publishing/one.test.json');
            return placed(path, JSON.stringify({ schemaVersion: 1, ...begun, startedAt, madeBy: GONE }));
          },
        },
      ],
      [
        'an order that cannot be read',
        {
          code: 'JOURNALS',
          health: 'warning',
          says: /the order .*cannot be read/,
          advises: /autossl_check --all/,
          hurt: () => placed(own(`orders/${ORPHAN}.json`), '{"schema'),
        },
      ],
      [
        'challenges that a dead process left',
        {
          code: 'JOURNALS',
          health: 'warning',
          says: /placed\/.*tells of challenges/,
          advises: /autossl_check --all/,
          hurt: () => placed(own(`placed/${DEAD_PID}.1.00000000-0000-0000-0000-000000000000.jsonl`), '{}\n'),
        },
      ],
    ];

    test.each(unfixable)('names %s, says what to do, and leaves it', async (_, trouble) => {
      const { code, health, says, advises, hurt } = trouble;
      const mend = await hurt();
      try {
        const before = listTree(hosted.root);
        const { exitCode, report } = await doctor('--fix');
        expect(of(report, code)).toMatchObject([
          {
            health,
            isFixable: false,
            message: expect.stringMatching(says),
            advice: expect.stringMatching(advises),
          },
        ]);
        expect(of(report, code)[0]?.message).not.toContain('\n');
        expect(exitCode).toBe(health === 'fault' ? 1 : 0);
        expect(listTree(hosted.root)).toEqual(before);
      } finally {
        mend();
      }
      expect(of((await doctor()).report, code)).toMatchObject([{ health: 'ok' }]);
    });

    test('names a clock that is two hours ahead of the CA’s', async () => {
      const { exitCode, report } = reportOf(
        await runBinLater(120, 'autossl', ['doctor', '--json'], hosted.root),
      );
      expect(of(report, 'CLOCK')).toMatchObject([
        { health: 'fault', message: expect.stringMatching(/^our clock is (2h|1h|2 h|119).*ahead of the CA/) },
      ]);
      expect(exitCode).toBe(1);
    });

    test('names a notice that waits for more than a day', async () => {
      const mend = placed(own('notices/outbox/waiting.json'), '{}');
      const { report } = reportOf(
        await runBinLater(DAY_MINUTES + 60, 'autossl', ['doctor', '--json'], hosted.root),
      );
      mend();
      expect(of(report, 'NOTICES')).toMatchObject([
        { health: 'warning', message: expect.stringMatching(/^a notice waits to be sent since/) },
      ]);
    });

    test.each([
      ['20 MiB', 'size=20m', 'fault'],
      ['200 MiB', 'size=200m', 'warning'],
      ['no more files', 'size=2g,nr_inodes=40', 'fault'],
    ])('names a file system with room for %s', async (_, options, health) => {
      const logs = at('var/cpanel/logs/autossl');
      mkdirSync(logs, { recursive: true });
      const mount = `mount --make-rprivate / && mount -t tmpfs -o ${options} tmpfs ${logs}`;
      const { exitCode, report } = reportOf(
        await runBinBehind(mount, 'autossl', ['doctor', '--json'], hosted.root),
      );
      const [little] = of(report, 'ROOM').filter((one) => one.health !== 'ok');
      expect(little).toMatchObject({
        health,
        message: expect.stringMatching(/^room for only .*\/logs\/autossl$/),
        advice: expect.stringContaining('Make room'),
      });
      expect(exitCode).toBe(health === 'fault' ? 1 : 0);
    });

    test('mends what is another’s, and takes away staging that no order has', async () => {
      chownSync(own('issued/one.test.json'), SOMEBODY, SOMEBODY);
      for (const name of ['key.pem', 'csr.der']) place(own(`staging/${ORPHAN}/${name}`), 'orphaned');
      place(own(`staging/${ORPHAN}/made-by.json`), JSON.stringify(GONE));
      const { exitCode, report } = await doctor();
      expect(exitCode).toBe(1);
      expect(of(report, 'MODES')).toMatchObject([
        { health: 'fault', isFixable: true, message: expect.stringContaining(`belongs to uid ${SOMEBODY}`) },
      ]);
      expect(of(report, 'LEFTOVERS')).toMatchObject([
        { health: 'warning', isFixable: true, message: expect.stringContaining(ORPHAN) },
      ]);
      expect(statSync(own('issued/one.test.json')).uid).toBe(SOMEBODY);
      const mended = await doctor('--fix');
      expect(mended.exitCode).toBe(0);
      expect(mended.report.mended).toHaveLength(2);
      expect(statSync(own('issued/one.test.json')).uid).toBe(0);
      expect(lstatSync(own(`staging/${ORPHAN}`), { throwIfNoEntry: false })).toBeUndefined();
    });
  },
);

test('autossl doctor is root’s: anybody else is told so in one line', async () => {
  buildPrograms();
  const { PATH = '' } = process.env;
  for (const words of [[], ['--fix', '--json']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/autossl', 'doctor', ...words], {
      env: { PATH },
      encoding: 'utf8',
      ...(process.getuid?.() === 0 ? { uid: SOMEBODY, gid: SOMEBODY } : {}),
    });
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^autossl: only root may do this on a whole server\. [^\n]*\n$/);
  }
});

test('autossl doctor looks at a tree in which nothing is, writes nothing, and says what to do first', async () => {
  buildPrograms();
  const empty = aTree().build();
  try {
    const before = listTree(empty.root);
    const { exitCode, stdout, stderr } = await runBin('autossl', ['doctor'], empty.root);
    expect([exitCode, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^PAIRS +ok +no website has a certificate yet$/m);
    expect(stdout).toMatch(/^ROOM +(ok|warning|fault) /m);
    expect(stdout).toMatch(/^CA +warning +no provider is in use/m);
    expect(stdout).toContain('CRON: Run: autossl setup --cron, or: autossl doctor --fix\n');
    expect(listTree(empty.root)).toEqual(before);
  } finally {
    await empty.cleanUp();
  }
});
