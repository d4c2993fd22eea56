import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DoctorReport, Examination, Finding } from '../../src/core/doctor/finding.js';
import { placeAgedSet } from '../support/aged-set.js';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { aCertificate, aRoot } from '../support/pki.js';
import { aTree, type BuiltTree } from '../support/tree-builder.js';

/** No process has it: pids end below (PID_MAX_LIMIT). */
const DEAD_PID = 4_194_305;

describe('autossl doctor', () => {
  let built: BuiltTree;
  const at = (path: string): string => join(built.root, path);
  const own = (path: string): string => at(join('var/cpanel/ssl/autossl', path));
  const combined = (): string => at('var/cpanel/ssl/apache_tls/one.test/combined');
  const doctor = async (...words: string[]): Promise<{ exitCode: number | null; report: DoctorReport }> => {
    const { exitCode, stdout } = await runBin('autossl', ['doctor', '--json', ...words], built.root);
    return { exitCode, report: JSON.parse(stdout) };
  };
  const of = (report: DoctorReport, code: Examination): readonly Finding[] =>
    report.findings.filter((finding) => finding.code === code);

  beforeAll(async () => {
    buildPrograms();
    const account = (domain: string) => ({ domain, subs: [], keyType: 'ecdsa-prime256v1', userLines: {} });
    built = aTree()
      .account('alice', account('one.test'))
      .account('bob', account('two.test'))
      .autosslJson({ provider: 'LocalCA' })
      // Nobody answers there: that is not known, and no fault.
      .settings({ trustAnchors: '/etc/roots.pem', resolvers: ['127.0.0.1:9'] })
      .file('/etc/roots.pem', aRoot().certPem)
      .build();
    for (const [name, vhost] of [
      ['alice', 'one.test'],
      ['bob', 'two.test'],
    ] as const) {
      const names = [vhost, `www.${vhost}`, `mail.${vhost}`];
      placeAgedSet(built, { account: name, vhost, names, daysLeft: 60, provider: 'LocalCA' });
    }
    mkdirSync(at('etc/cron.d'), { recursive: true });
    await doctor('--fix');
  });

  afterAll(() => built.cleanUp());

  test('finds a server fine once it was mended, and changes nothing by looking', async () => {
    const { exitCode, report } = await doctor();
    expect(report.findings.filter(({ health }) => health === 'fault')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(of(report, 'RESOLVER')).toMatchObject([{ health: 'unknown' }]);
    expect(of(report, 'CLOCK')).toMatchObject([{ health: 'unknown' }]);
    expect(of(report, 'CRON')).toMatchObject([{ health: 'ok' }]);
    expect(report.mended).toEqual([]);
    expect((await doctor('--fix')).report.mended).toEqual([]);
  });

  interface Breakage {
    readonly code: Examination;
    readonly health: Finding['health'];
    readonly says: RegExp;
    readonly hurt: () => void;
    readonly isMended: () => boolean;
  }
  const lockPath = () => own('locks/website_dead.test');
  const mode = (path: string): number => statSync(path).mode & 0o7777;
  const fixable: readonly (readonly [string, Breakage])[] = [
    [
      'a copy of a former certificate',
      {
        code: 'COPIES',
        health: 'fault',
        says: /domain_tls\/www\.one\.test\/combined does not follow/,
        hurt: () => writeFileSync(at('var/cpanel/ssl/domain_tls/www.one.test/combined'), 'former'),
        isMended: () =>
          readFileSync(at('var/cpanel/ssl/domain_tls/www.one.test/combined'), 'utf8') ===
          readFileSync(combined(), 'utf8'),
      },
    ],
    [
      'a certificates file that is gone',
      {
        code: 'COPIES',
        health: 'fault',
        says: /one\.test\/certificates does not follow/,
        hurt: () => rmSync(at('var/cpanel/ssl/apache_tls/one.test/certificates')),
        isMended: () => existsSync(at('var/cpanel/ssl/apache_tls/one.test/certificates')),
      },
    ],
    [
      'a key that others can read',
      {
        code: 'MODES',
        health: 'fault',
        says: /one\.test\/combined has mode 644, not 600/,
        hurt: () => chmodSync(combined(), 0o644),
        isMended: () => mode(combined()) === 0o600,
      },
    ],
    [
      'a folder of ours that others can enter',
      {
        code: 'MODES',
        health: 'fault',
        says: /ssl\/autossl has mode 755, not 700/,
        hurt: () => chmodSync(own(''), 0o755),
        isMended: () => mode(own('')) === 0o700,
      },
    ],
    [
      'a temporary file of a process that is gone',
      {
        code: 'LEFTOVERS',
        health: 'warning',
        says: /left by a process that is gone/,
        hurt: () => writeFileSync(own(`issued/.autossl-tmp-${DEAD_PID}-0123`), 'half', { mode: 0o600 }),
        isMended: () => !existsSync(own(`issued/.autossl-tmp-${DEAD_PID}-0123`)),
      },
    ],
    [
      'a lock of a process that is gone',
      {
        code: 'LOCKS',
        health: 'warning',
        says: /website_dead\.test is held by a process that is gone/,
        hurt: () => {
          mkdirSync(lockPath(), { recursive: true, mode: 0o700 });
          const identity = { pid: DEAD_PID, startTicks: 1, bootId: 'another boot', pidNamespace: null };
          const owner = { identity, token: 't', startedAt: new Date(0).toISOString(), note: 'a run' };
          writeFileSync(join(lockPath(), 't.json'), JSON.stringify(owner), { mode: 0o600 });
          utimesSync(lockPath(), 0, 0);
        },
        isMended: () => !existsSync(join(lockPath(), 't.json')),
      },
    ],
    [
      'a damaged index of what is due',
      {
        code: 'CACHES',
        health: 'warning',
        says: /due\.json is damaged/,
        hurt: () => {
          mkdirSync(own('index'), { recursive: true, mode: 0o700 });
          writeFileSync(own('index/due.json'), '{"until":', { mode: 0o600 });
        },
        isMended: () => !existsSync(own('index/due.json')),
      },
    ],
    [
      'a cron that does not start us',
      {
        code: 'CRON',
        health: 'fault',
        says: /does not start the nightly run/,
        hurt: () => rmSync(at('etc/cron.d/cpanel_autossl')),
        isMended: () => existsSync(at('etc/cron.d/cpanel_autossl')),
      },
    ],
  ];

  test.each(fixable)('names and mends %s', async (_, { code, health, says, hurt, isMended }) => {
    const pair = readFileSync(combined(), 'utf8');
    hurt();
    const { exitCode, report } = await doctor();
    expect(exitCode).toBe(health === 'fault' ? 1 : 0);
    const [finding] = of(report, code).filter(({ message }) => says.test(message));
    expect(finding).toMatchObject({ health, isFixable: true });
    expect(isMended()).toBe(false);
    const mended = await doctor('--fix');
    expect(mended.exitCode).toBe(0);
    expect(mended.report.mended).not.toEqual([]);
    expect(of(mended.report, code)).toMatchObject([{ health: 'ok' }]);
    expect(isMended()).toBe(true);
    expect(readFileSync(combined(), 'utf8')).toBe(pair);
  });

  test('names a pair that does not match, and leaves it', async () => {
    const pair = readFileSync(combined(), 'utf8');
    const other = aCertificate({ names: ['one.test'] });
    const mixed = pair.replace(
      /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----\n/,
      other.keyPem,
    );
    writeFileSync(combined(), mixed);
    const { exitCode, report } = await doctor('--fix');
    expect(exitCode).toBe(1);
    expect(of(report, 'PAIRS')).toMatchObject([
      { health: 'fault', isFixable: false, message: 'one.test: the key does not belong to the certificate' },
    ]);
    expect(readFileSync(combined(), 'utf8')).toBe(mixed);
    writeFileSync(combined(), pair);
    await doctor('--fix');
  });

  test('names a link among our files, and neither follows nor removes it', async () => {
    const target = at('etc/somebodys');
    writeFileSync(target, 'theirs', { mode: 0o644 });
    symlinkSync(target, own('issued/one.link'));
    const { exitCode, report } = await doctor('--fix');
    expect(exitCode).toBe(1);
    expect(of(report, 'LINKS')).toMatchObject([{ health: 'fault', isFixable: false }]);
    expect(lstatSync(own('issued/one.link')).isSymbolicLink()).toBe(true);
    expect(mode(target)).toBe(0o644);
    rmSync(own('issued/one.link'));
  });

  test('leaves a file that has another name elsewhere', async () => {
    const elsewhere = at('etc/elsewhere');
    writeFileSync(elsewhere, 'theirs', { mode: 0o644 });
    linkSync(elsewhere, own('issued/hard'));
    const { report } = await doctor('--fix');
    expect(of(report, 'MODES')).toMatchObject([{ health: 'fault' }]);
    expect(mode(elsewhere)).toBe(0o644);
    rmSync(own('issued/hard'));
  });

  test('names what cannot be looked at, and goes on', async () => {
    renameSync(own('locks'), own('locks.aside'));
    writeFileSync(own('locks'), 'a file', { mode: 0o600 });
    const { report } = await doctor();
    rmSync(own('locks'));
    renameSync(own('locks.aside'), own('locks'));
    expect(report.findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['PAIRS', 'ROOM', 'NOTICES']),
    );
  });

  test('ends with 3 where the settings cannot be read', async () => {
    const settings = at('etc/autossl.yaml');
    const text = readFileSync(settings, 'utf8');
    writeFileSync(settings, 'nonsense: [');
    expect((await runBin('autossl', ['doctor'], built.root)).exitCode).toBe(3);
    writeFileSync(settings, text);
  });
});
