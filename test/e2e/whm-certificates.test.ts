import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FileLockKeeper } from '../../src/adapters/system/locks/locks.js';
import { readCertificate } from '../../src/core/certificate/parse.js';
import { takeCombinedApart } from '../../src/core/certificate/pem/combined.js';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { buildPrograms } from '../support/bin-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { HostingServer } from '../support/hosting-server.js';
import { describeWithParts } from '../support/needs.js';
import {
  aCertificate,
  anIntermediate,
  type CertificateOptions,
  type TestCertificate,
} from '../support/pki.js';
import { lastRecords, logFolders } from '../support/run-logs.js';
import type { ServedWebsite } from '../support/served-website.js';
import { EximRig } from '../support/service-rigs.js';
import { ServicesServer } from '../support/services-server.js';

const DAY_MS = 86_400_000;
/** Nothing that must not hang takes longer, however busy the machine is. */
const PATIENCE_MS = 60_000;
const EXPIRED = { notBefore: new Date(Date.now() - 100 * DAY_MS) };

/** Issues what is handed over here: a chain of two, so that a bundle can be in the wrong order. */
const upper = anIntermediate({ name: 'Upper' });
const lower = anIntermediate({ name: 'Lower', issuer: upper });
const WRONG_ORDER = `${upper.certPem}${lower.certPem}`;

const fingerprintOf = ({ der }: TestCertificate): string => readCertificate(der).fingerprint;
const aGiven = (names: readonly string[], options: CertificateOptions = {}): TestCertificate =>
  aCertificate({ names, issuer: lower, notBefore: new Date(Date.now() - DAY_MS), ...options });
const withPassphrase = ({ privateKey }: TestCertificate): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString();
const word = (name: string, pem: string): string => `${name}=${encodeURIComponent(pem)}`;

/** A pair as callers paste it, spoilt or not. */
interface Pasted {
  readonly crt: string;
  readonly key: string;
  readonly bundle: string;
}
const pasted = (made: TestCertificate): Pasted => ({
  crt: made.certPem,
  key: made.keyPem,
  bundle: WRONG_ORDER,
});

type Refusal = readonly [string, RegExp, (names: readonly string[]) => Pasted];
const REFUSALS: readonly Refusal[] = [
  ['a wrong key', /does not belong/, (names) => ({ ...pasted(aGiven(names)), key: aGiven(names).keyPem })],
  ['an expired certificate', /expired at/, (names) => pasted(aGiven(names, EXPIRED))],
  [
    'a key with a passphrase',
    /encrypted with a passphrase/,
    (names) => {
      const made = aGiven(names);
      return { ...pasted(made), key: withPassphrase(made) };
    },
  ],
  ['a bundle that is none', /bundle cannot be used/, (names) => ({ ...pasted(aGiven(names)), bundle: 'no' })],
  [
    'issuers that nobody knows',
    /bundle of its authority/,
    (names) => ({
      ...pasted(aGiven(names, { issuer: anIntermediate({ name: 'Unheard', issuer: upper }) })),
      bundle: '',
    }),
  ],
  ['garbage', /no certificate in it/, (names) => ({ ...pasted(aGiven(names)), crt: 'x'.repeat(100_000) })],
];

interface Answer {
  readonly exitCode: number | null;
  readonly metadata: {
    readonly result: number;
    readonly reason: string;
    readonly output?: { readonly warnings: readonly string[]; readonly messages: readonly string[] };
  };
  readonly data: Record<string, unknown>;
}

async function whm(server: Pick<HostingServer, 'run'>, ...words: string[]): Promise<Answer> {
  const { exitCode, stdout, stderr } = await server.run('whmapi1', '--output=json', ...words);
  expect(stderr).toBe('');
  return { exitCode, ...JSON.parse(stdout) };
}

let ca: HostingCa;
beforeAll(async () => {
  buildPrograms();
});

describeWithParts('certificates of websites by whmapi1', ['pebble', 'nginx', 'openssl', 'root'], () => {
  let hosting: HostingServer;
  let website: ServedWebsite;

  beforeAll(async () => {
    ca = await startHostingCa();
    hosting = await HostingServer.open(ca, { label: 'whm', nginx: { accounts: { alice: 2, bob: 1 } } });
    const [first] = hosting.websites;
    if (first === undefined) throw new Error('there is no website');
    website = first;
  }, PATIENCE_MS);
  afterAll(async () => {
    await hosting?.stop();
    await ca?.stop();
  });

  const installWords = (domain: string, { crt, key, bundle }: Pasted): string[] => [
    'installssl',
    `domain=${domain}`,
    word('crt', crt),
    word('key', key),
    word('cab', bundle),
  ];
  const shownAt = async (one: ServedWebsite): Promise<string | undefined> =>
    (await hosting.shown([one])).get(one.vhost);
  const lying = (one: ServedWebsite): string | undefined => hosting.installed([one]).get(one.vhost);

  test('a good one is served, its bundle put into order; the answer says for which names', async () => {
    const [vhost, alias] = [website.vhost, website.names.find((name) => name.startsWith('www.')) ?? ''];
    const made = aGiven([vhost, alias, 'elsewhere.test']);
    const answer = await whm(hosting, ...installWords(alias, pasted(made)));
    expect(answer).toMatchObject({
      exitCode: 0,
      metadata: { result: 1, reason: 'OK' },
      data: {
        action: 'install',
        domain: alias,
        servername: vhost,
        user: website.account,
        ip: '192.0.2.10',
        working_domains: [vhost, alias],
        warning_domains: website.names.filter((name) => name !== vhost && name !== alias),
        extra_certificate_domains: ['elsewhere.test'],
        status: 1,
        statusmsg: expect.stringContaining('it is served'),
      },
    });
    expect(await shownAt(website)).toBe(fingerprintOf(made));
    const combined = hosting.built.tree.combined(parseHostName(vhost));
    expect(takeCombinedApart(readFileSync(combined, 'utf8'), '')).toMatchObject({
      leaf: { fingerprint: fingerprintOf(made) },
      chain: [{ subject: expect.stringContaining('Lower') }, { subject: expect.stringContaining('Upper') }],
    });
    expect(lastRecords(hosting.built).map(({ code }) => code)).toEqual(
      expect.arrayContaining(['CERTIFICATES_CHANGE_STARTED', 'CERTIFICATE_GIVEN', 'RUN_FINISHED']),
    );
  });

  test('AutoSSL treats it as somebody else’s and leaves it alone, though it lacks a name', async () => {
    const before = lying(website);
    const { exitCode, stdout } = await hosting.run(
      'autossl_check',
      '--user',
      website.account,
      '--dry-run',
      '--json',
    );
    expect(exitCode).toBe(0);
    const { plan } = JSON.parse(stdout);
    const { actions, counts } = plan as {
      actions: readonly { vhost: string }[];
      counts: { foreign: number };
    };
    expect(counts.foreign).toBe(1);
    expect(actions.map(({ vhost }) => vhost)).toEqual([`s1.${website.vhost}`]);
    expect(lying(website)).toBe(before);
  });

  describe('refused, with a reason and nothing touched:', () => {
    test.each([
      ...REFUSALS,
      ['one for other names', /for none of the names/, () => pasted(aGiven(['elsewhere.test']))] as Refusal,
    ])('%s', async (_what, why, make) => {
      const [before, logs] = [lying(website), logFolders(hosting.built).length];
      const answer = await whm(hosting, ...installWords(website.vhost, make([website.vhost])));
      expect(answer).toMatchObject({
        exitCode: 1,
        metadata: { result: 0, reason: expect.stringMatching(why) },
      });
      expect(answer.metadata.reason).not.toContain('PRIVATE');
      expect(lying(website)).toBe(before);
      expect(await shownAt(website)).toBe(before);
      expect(logFolders(hosting.built)).toHaveLength(logs);
    });

    test('5 MB: the system does not begin such a call', async () => {
      const path = hosting.built.path('/opt-huge');
      writeFileSync(path, `-----BEGIN CERTIFICATE-----\n${'A'.repeat(5 * 1024 * 1024)}`);
      const before = lying(website);
      const script = `exec "$0" bin/whmapi1 installssl domain=${website.vhost} key=x crt="$(cat "$1")"`;
      const { status, stderr } = spawnSync('/bin/sh', ['-c', script, process.execPath, path], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], AUTOSSL_ROOT: hosting.built.root },
      });
      expect({ status, stderr }).toEqual({ status: 126, stderr: expect.stringMatching(/too long/i) });
      expect(lying(website)).toBe(before);
    });

    test('a website that nobody has, and another address', async () => {
      const words = installWords('nobody.test', pasted(aGiven(['nobody.test'])));
      expect((await whm(hosting, ...words)).metadata.reason).toContain(
        'No account has a website “nobody.test”',
      );
      const elsewhere = [...installWords(website.vhost, pasted(aGiven([website.vhost]))), 'ip=192.0.2.99'];
      expect((await whm(hosting, ...elsewhere)).metadata.reason).toContain(
        '“192.0.2.99” is not the address of the website',
      );
    });

    test('while the server’s configuration is broken: what is served is served', async () => {
      const before = lying(website);
      hosting.serve(website, 'no_such_directive on;');
      const answer = await whm(hosting, ...installWords(website.vhost, pasted(aGiven([website.vhost]))));
      hosting.serve(website);
      expect(answer.metadata).toMatchObject({
        result: 0,
        reason: expect.stringContaining('no_such_directive'),
      });
      expect(answer.metadata.reason).toContain('give the command again');
      expect(lying(website)).toBe(before);
      expect(await shownAt(website)).toBe(before);
    });
  });

  describe('autossl website install', () => {
    /** The files that are handed over, each for root alone. */
    const filesOf = ({ crt, key, bundle }: Pasted): string[] =>
      Object.entries({ certificate: crt, key, bundle }).flatMap(([name, text]) => {
        if (text === '') return [];
        const path = hosting.built.path(`/given-${name}.pem`);
        writeFileSync(path, text, { mode: 0o600 });
        return [`--${name}`, path];
      });

    test('does of files what installssl does: a good one is served', async () => {
      const made = aGiven(website.names);
      const words = ['website', 'install', website.vhost, ...filesOf(pasted(made))];
      const { exitCode, stdout } = await hosting.run('autossl', ...words);
      expect({ exitCode, stdout }).toEqual({
        exitCode: 0,
        stdout: `The certificate was installed for the website ${website.vhost}, and it is served.\n`,
      });
      expect(await shownAt(website)).toBe(fingerprintOf(made));
    });

    test('gives the same answer as data, and takes all from one file', async () => {
      const { crt, key, bundle } = pasted(aGiven(website.names));
      const path = hosting.built.path('/given-all.pem');
      writeFileSync(path, `${bundle}${key}${crt}`, { mode: 0o644 });
      const words = ['website', 'install', website.vhost, '--json', '--certificate', path];
      const { exitCode, stdout, stderr } = await hosting.run('autossl', ...words);
      expect(exitCode).toBe(0);
      expect(stderr).toContain('opens it to every user of this server');
      expect(JSON.parse(stdout)).toMatchObject({
        schemaVersion: 1,
        servername: website.vhost,
        user: website.account,
        status: 1,
        warnings: [
          expect.stringContaining('opens it to every user'),
          ...JSON.parse(stdout).warnings.slice(1),
        ],
      });
    });

    test.each(REFUSALS)('refuses in one line, with nothing touched: %s', async (_what, why, make) => {
      const before = lying(website);
      const words = ['website', 'install', website.vhost, ...filesOf(make([website.vhost]))];
      const { exitCode, stdout, stderr } = await hosting.run('autossl', ...words);
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toMatch(/^autossl: refused: [^\n]+\n$/);
      expect(stderr).toMatch(why);
      expect(lying(website)).toBe(before);
      expect(await shownAt(website)).toBe(before);
    });

    test.each([
      ['5 MB', /larger than 1048576 bytes/, () => 'A'.repeat(5 * 1024 * 1024)],
      ['a name that is none', /is not a domain name/, () => 'x'],
    ])('wrong usage is one line: %s', async (what, why, text) => {
      const before = lying(website);
      const name = what === '5 MB' ? website.vhost : 'no name';
      const files = filesOf({ crt: text(), key: 'x', bundle: 'x' });
      const { exitCode, stderr } = await hosting.run('autossl', 'website', 'install', name, ...files);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(why);
      expect(lying(website)).toBe(before);
    });
  });

  test('many at once: those that are good are served after one reload, the refused one is named', async () => {
    const made = hosting.websites.map(({ vhost }) => aGiven([vhost]));
    const refused = hosting.websites.length - 1;
    const words = hosting.websites.flatMap(({ account, vhost }, index) => {
      const { crt, key, bundle } = pasted(made[index] ?? aGiven([vhost]));
      const end = index === 0 ? '' : `-${index}`;
      return [
        `username${end}=${account}`,
        `vhost_name${end}=${vhost}`,
        word(`crt${end}`, crt),
        word(`key${end}`, index === refused ? aGiven([vhost]).keyPem : key),
        word(`cab${end}`, bundle),
      ];
    });
    const before = hosting.installed();
    const answer = await whm(hosting, 'enqueue_deferred_ssl_installations', ...words);
    expect(answer).toMatchObject({ exitCode: 0, metadata: { result: 1 }, data: {} });
    const name = hosting.websites[refused]?.vhost ?? '';
    expect(answer.metadata.output?.warnings).toContainEqual(
      expect.stringMatching(new RegExp(`^Not installed: “${name}”: The private key does not belong`)),
    );
    const shown = await hosting.shown();
    for (const [index, { vhost }] of hosting.websites.entries()) {
      const expected = made[index];
      if (index === refused || expected === undefined) expect(shown.get(vhost)).toBe(before.get(vhost));
      else expect(shown.get(vhost)).toBe(fingerprintOf(expected));
    }
    const codes = lastRecords(hosting.built).map(({ code }) => code);
    expect(codes.filter((code) => code === 'SERVER_RELOADED')).toHaveLength(1);
  });

  test('lists of unequal length are refused as a whole', async () => {
    const answer = await whm(
      hosting,
      'enqueue_deferred_ssl_installations',
      'username=alice',
      'vhost_name=a.test',
      'vhost_name-1=b.test',
      'crt=x',
      'key=y',
    );
    expect(answer).toMatchObject({
      exitCode: 1,
      metadata: { reason: expect.stringContaining('vhost_name: 2') },
    });
  });

  test('a private key on the command line is soon not to be seen by others', async () => {
    const lock = await new FileLockKeeper(hosting.built.tree).acquire('install:web', 'the test');
    const child = spawn(
      process.execPath,
      ['bin/whmapi1', ...installWords(website.vhost, pasted(aGiven([website.vhost])))],
      { env: { PATH: process.env['PATH'], AUTOSSL_ROOT: hosting.built.root }, stdio: 'ignore' },
    );
    try {
      await until(() => !readFileSync(`/proc/${child.pid}/cmdline`, 'latin1').includes('PRIVATE'));
    } finally {
      await lock.release();
    }
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  });

  test('a certificate that is taken away leaves a placeholder, and its copies for mail go', async () => {
    const former = lying(website);
    const copy = join(hosting.built.tree.domainTls(parseHostName(website.vhost)), 'combined');
    expect(existsSync(copy)).toBe(true);
    const answer = await whm(hosting, 'delete_ssl_vhost', `host=${website.vhost}`);
    expect(answer).toMatchObject({ exitCode: 0, metadata: { result: 1 } });
    expect(answer.metadata.output?.messages.join(' ')).toContain('placeholder');
    expect(answer.metadata.output?.messages.join(' ')).toContain('excluded');
    expect(existsSync(copy)).toBe(false);
    expect(await shownAt(website)).toBe(lying(website));
    expect(lying(website)).not.toBe(former);
    const { data } = await whm(hosting, 'fetch_ssl_vhosts');
    const listed = (data['vhosts'] as { servername: string }[]).map(({ servername }) => servername);
    expect(listed).not.toContain(website.vhost);
    expect(listed.length).toBe(hosting.websites.length - 1);
    expect((await whm(hosting, 'delete_ssl_vhost', `host=${website.vhost}`)).metadata).toMatchObject({
      result: 0,
      reason: expect.stringContaining('has no certificate'),
    });
    expect((await hosting.run('autossl', 'rollback', website.vhost)).exitCode).toBe(0);
    expect(await shownAt(website)).toBe(former);
  });
});

describeWithParts(
  'certificates of services by whmapi1',
  ['pebble', 'nginx', 'exim', 'openssl', 'root'],
  () => {
    let own: HostingCa;
    let server: ServicesServer;

    beforeAll(async () => {
      own = await startHostingCa();
      server = await ServicesServer.open(own, { label: 'whmsvc', rigs: { exim: EximRig } });
    }, PATIENCE_MS);
    afterAll(async () => {
      await server?.stop();
      await own?.stop();
    });

    const install = (service: string, { crt, key, bundle }: Pasted): Promise<Answer> =>
      whm(
        server,
        'install_service_ssl_certificate',
        `service=${service}`,
        word('crt', crt),
        word('key', key),
        word('cabundle', bundle),
      );
    const shown = (): ReadonlySet<string | undefined> => new Set(server.shown('exim'));

    test('a good one is shown at every port, its bundle put into order', async () => {
      const made = aGiven([server.hostname]);
      expect(await install('exim', pasted(made))).toMatchObject({
        exitCode: 0,
        data: {
          service: 'exim',
          certificate: made.certPem,
          cabundle: `${lower.certPem}${upper.certPem}`,
          certificate_info: { domains: [server.hostname], is_self_signed: 0, validation_type: 'dv' },
        },
      });
      expect(shown()).toEqual(new Set([fingerprintOf(made)]));
      const { data } = await whm(server, 'fetch_service_ssl_components');
      expect(data['services']).toContainEqual(expect.objectContaining({ service: 'exim', key: made.keyPem }));
    });

    test.each(REFUSALS)('%s is refused, with a reason and nothing touched', async (_what, why, make) => {
      const before = server.lying('exim');
      const answer = await install('exim', make([server.hostname]));
      expect(answer).toMatchObject({
        exitCode: 1,
        metadata: { result: 0, reason: expect.stringMatching(why) },
      });
      expect(server.lying('exim')).toBe(before);
      expect(shown()).toEqual(new Set([before]));
    });

    test.each(['mail_apns', 'caldav_apns', 'carddav_apns'])(
      'the push service %s is no longer supported',
      async (name) => {
        const answer = await install(name, pasted(aGiven([server.hostname])));
        expect(answer).toMatchObject({
          exitCode: 1,
          metadata: { result: 0, reason: expect.stringContaining('no longer supported') },
        });
      },
    );

    test('resetting gives a self-signed one, and restarting another process', async () => {
      const answer = await whm(server, 'reset_service_ssl_certificate', 'service=exim');
      expect(answer).toMatchObject({ exitCode: 0, data: { certificate_info: { is_self_signed: 1 } } });
      expect(shown()).toEqual(new Set([server.lying('exim')]));
      const before = server.rigs.exim?.pid;
      expect(await whm(server, 'restartservice', 'service=exim')).toMatchObject({ exitCode: 0 });
      expect(server.rigs.exim?.pid).not.toBe(before);
    });
  },
);

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it does not come about');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
