import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { everythingBelow } from '../support/folder-listing.js';
import { faultsOf } from '../support/installed-set.js';
import { describeWithParts } from '../support/needs.js';
import { aCertificate } from '../support/pki.js';
import { lastRecords, logFolders } from '../support/run-logs.js';
import type { AccountSpec } from '../support/tree-builder.js';

const KEY = { keyType: 'ecdsa-prime256v1' };
const ACCOUNTS: Readonly<Record<string, AccountSpec>> = {
  alice: { domain: 'alice.test', ...KEY },
  mallory: { domain: 'mallory.test', subs: ['poisoned.mallory.test'], ...KEY },
  zoe: { domain: 'zoe.test', ...KEY },
};
const VHOST = 'poisoned.mallory.test';
const WWW = `www.${VHOST}`;
const HEALTHY = ['alice.test', 'mallory.test', 'zoe.test'];
const FOLDER = `/var/cpanel/ssl/apache_tls/${VHOST}`;

interface Poisoned {
  readonly poison: (hosted: HostedTree) => unknown;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Websites that must be served after the run; default: the healthy ones. */
  readonly served?: readonly string[];
  /** Problems of mallory's: name or website, code and a part of the sentence. */
  readonly problems: readonly (readonly [domain: string, code: string, part: string])[];
  readonly exitCode: 0 | 1;
}

interface ProblemOnDisk {
  readonly domain: string;
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
  readonly logStartedAt: string;
}

describeWithParts('a poisoned website among healthy ones', ['pebble', 'openssl', 'root'], () => {
  let site: CaSite;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
  });
  afterAll(async () => site?.stop());

  const put = (hosted: HostedTree, path: string, contents: string | Buffer): void => {
    mkdirSync(join(hosted.path(path), '..'), { recursive: true, mode: 0o711 });
    writeFileSync(hosted.path(path), contents, { mode: 0o600 });
  };
  const unresolved = (): void => {
    for (const name of [VHOST, WWW]) site.dns.zones.delete(name);
  };

  test.each<readonly [string, Poisoned]>([
    [
      'its YAML is broken',
      {
        poison: (hosted) => put(hosted, `/var/cpanel/userdata/mallory/${VHOST}`, '---\nservername: [x\n'),
        problems: [[VHOST, 'WEBSITE_FILE_INVALID', 'is not valid YAML']],
        exitCode: 1,
      },
    ],
    [
      'the YAML of its whole account is broken',
      {
        poison: (hosted) => put(hosted, '/var/cpanel/userdata/mallory/main', '---\n\tmain_domain: x\n'),
        served: ['alice.test', 'zoe.test'],
        problems: [['', 'ACCOUNT_FILE_INVALID', 'is not valid YAML']],
        exitCode: 1,
      },
    ],
    [
      'its certificate file is garbage: it is replaced',
      {
        poison: (hosted) =>
          put(hosted, `${FOLDER}/combined`, Buffer.from('\0-----BEGIN CERTIFICATE-----\x01')),
        served: [...HEALTHY, VHOST],
        problems: [],
        exitCode: 0,
      },
    ],
    [
      'the key beside its certificate is unreadable: both are replaced',
      {
        poison: (hosted) => {
          const { chainPem } = aCertificate({ names: [VHOST], issuer: 'self' });
          const block = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
          put(hosted, `${FOLDER}/combined`, block + chainPem);
        },
        served: [...HEALTHY, VHOST],
        problems: [],
        exitCode: 0,
      },
    ],
    [
      'a folder stands in the place of its certificate file',
      {
        poison: (hosted) => mkdirSync(hosted.path(`${FOLDER}/combined/x`), { recursive: true, mode: 0o711 }),
        problems: [[VHOST, 'PUBLISH_FAILED', 'could not be put in place']],
        exitCode: 1,
      },
    ],
    [
      'its certificate file is a link to a file of the system',
      {
        poison: (hosted) => {
          mkdirSync(hosted.path(FOLDER), { recursive: true });
          symlinkSync('/etc/hostname', hosted.path(`${FOLDER}/combined`));
        },
        problems: [[VHOST, 'PUBLISH_FAILED', 'leads out of the tree']],
        exitCode: 1,
      },
    ],
    [
      'its document root is a link to a folder of the system',
      {
        poison: (hosted) => {
          rmSync(hosted.path(`/home/mallory/${VHOST}`), { recursive: true });
          symlinkSync('/etc', hosted.path(`/home/mallory/${VHOST}`));
        },
        settings: { challenges: { method: 'account-folder' } },
        problems: [
          [VHOST, 'CHALLENGE_NOT_PLACED', 'a link that leaves the tree'],
          [VHOST, 'TOTAL_DCV_FAILURE', 'No name of this website'],
          [WWW, 'CHALLENGE_NOT_PLACED', 'a link that leaves the tree'],
        ],
        exitCode: 0,
      },
    ],
    [
      'none of its names resolves',
      {
        poison: unresolved,
        problems: [
          [VHOST, 'NXDOMAIN', 'does not exist in DNS'],
          [VHOST, 'TOTAL_DCV_FAILURE', 'No name of this website'],
          [WWW, 'NXDOMAIN', 'does not exist in DNS'],
        ],
        exitCode: 0,
      },
    ],
    [
      'the CA cannot resolve its names',
      {
        poison: async () => {
          for (const host of [VHOST, WWW]) await site.pebble.mock('set-servfail', { host });
        },
        problems: [
          [VHOST, 'CA_REFUSED_NAME', 'The provider could not validate'],
          [VHOST, 'TOTAL_DCV_FAILURE', 'No name of this website'],
          [WWW, 'CA_REFUSED_NAME', 'The provider could not validate'],
        ],
        exitCode: 0,
      },
    ],
  ])('%s', async (_, { poison, settings = {}, served = HEALTHY, problems, exitCode }) => {
    const hosted = await site.host(ACCOUNTS, { settings });
    serveDocumentRoots(site, hosted);
    await site.choose(hosted);
    await poison(hosted);
    const before = everythingBelow('/etc');
    const ended = await hosted.run('autossl_check', '--all', '--json');
    for (const host of [VHOST, WWW]) await site.pebble.mock('clear-servfail', { host });

    const root = hosted.path('/etc/ssl/roots.pem');
    expect(served.flatMap((vhost) => faultsOf(hosted, vhost, hosted.names.get(vhost) ?? [], root))).toEqual(
      [],
    );
    expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ exitCode, stderr: '' });
    expect(everythingBelow('/etc')).toEqual(before);

    const onDisk = problemsOf(hosted, 'mallory');
    expect(onDisk.map(({ domain, code }) => [domain, code])).toEqual(
      problems.map(([domain, code]) => [domain, code]),
    );
    const [log = ''] = logFolders(hosted);
    const text = readFileSync(join(log, 'txt'), 'utf8');
    const records = lastRecords(hosted);
    const reported = JSON.parse(ended.stdout).problems as readonly { message: string }[];
    for (const [index, [domain, code, part]] of problems.entries()) {
      const message = onDisk[index]?.message ?? '';
      expect(message).toContain(part);
      expect(text).toContain(message);
      expect(reported.map((one) => one.message)).toContain(message);
      expect(records).toContainEqual(
        expect.objectContaining({ code, account: 'mallory', contents: `${message}\n` }),
      );
      expect(records.find(({ contents }) => contents === `${message}\n`)?.fault).toBe(
        exitCode === 1 ? 'ours' : 'owner',
      );
      if (exitCode === 0 && code !== 'TOTAL_DCV_FAILURE') expect(onDisk[index]?.advice).toMatch(/\.$/);
      expect(domain === '' || message.includes(domain)).toBe(true);
    }
    expect(problemsOf(hosted, 'alice')).toEqual([]);
    expect(leftIn(hosted)).toEqual([]);
  });

  test('what could not be put in place is kept and put there by the run after the cure, without another order', async () => {
    const hosted = await site.host(ACCOUNTS);
    await site.choose(hosted);
    mkdirSync(hosted.path(`${FOLDER}/combined/x`), { recursive: true, mode: 0o711 });
    await hosted.run('autossl_check', '--all');
    site.proxy.clear();
    const second = await hosted.run('autossl_check', '--all');
    expect(second).toMatchObject({ exitCode: 1, stderr: '' });
    expect(second.stdout).toContain('could not be put in place');
    expect(site.proxy.newOrders()).toBe(0);
    expect(problemsOf(hosted, 'mallory').map(({ code }) => code)).toEqual(['PUBLISH_FAILED']);

    rmSync(hosted.path(`${FOLDER}/combined`), { recursive: true });
    const third = await hosted.run('autossl_check', '--all');
    expect(third).toMatchObject({ exitCode: 0, stderr: '' });
    expect(third.stdout).toContain('1 certificate installed');
    expect(site.proxy.newOrders()).toBe(0);
    const names = hosted.names.get(VHOST) ?? [];
    expect(faultsOf(hosted, VHOST, names, hosted.path('/etc/ssl/roots.pem'))).toEqual([]);
    expect(problemsOf(hosted, 'mallory')).toEqual([]);
    expect(leftIn(hosted)).toEqual([]);
  });
});

function serveDocumentRoots(site: CaSite, hosted: HostedTree): void {
  for (const [vhost, names] of hosted.names) {
    const [account, folder] =
      vhost === VHOST ? ['mallory', VHOST] : [vhost.replace('.test', ''), 'public_html'];
    for (const name of names) {
      site.web.websites.set(name, { vhost, documentRoot: `/home/${account}/${folder}` });
      site.dns.zones.set(name, { A: ['127.0.0.1'] });
    }
  }
}

function problemsOf(hosted: HostedTree, account: string): readonly ProblemOnDisk[] {
  try {
    const text = readFileSync(hosted.path(`/var/cpanel/ssl/autossl/problems/${account}.json`), 'utf8');
    const { problems } = JSON.parse(text) as { readonly problems: ProblemOnDisk[] };
    const keyOf = ({ domain, code }: ProblemOnDisk): string => `${domain} ${code}`;
    return problems.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** What an ended run may not leave, however it went: temporary files and challenges. */
function leftIn(hosted: HostedTree): string[] {
  return everythingBelow(hosted.root).filter((path) => /\.autossl-tmp-|acme-challenge\/./.test(path));
}
