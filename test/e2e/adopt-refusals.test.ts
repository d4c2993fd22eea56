import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { listTree } from '../support/file-tree.js';
import { describeWithParts } from '../support/needs.js';
import { NginxRig } from '../support/server-rigs.js';
import { runAsNobody } from '../support/shell.js';
import { aTree, type BuiltTree } from '../support/tree-builder.js';

const PEOPLE = 'alice:x:20001:20001::/home/alice:/bin/sh\n';
let built: BuiltTree;
const adopt = (...words: string[]) => runBin('autossl', ['adopt', ...words], built.root);

beforeAll(() => buildPrograms());

describe('autossl adopt says in one line', () => {
  beforeAll(() => {
    built = aTree()
      .domainIndex('none')
      .file('/etc/passwd', PEOPLE)
      .settings({ webServer: { kind: 'nginx', program: '/nowhere/nginx', arguments: ['-p', '/nowhere'] } })
      .build();
  });
  afterAll(() => built.cleanUp());

  test.each<[string, string[], number, string]>([
    ['that a server is to be named', [], 2, "required option '--from <server>' not specified"],
    [
      'which servers it reads',
      ['--from', 'caddy\u001b[31m'],
      2,
      '“caddy\\u{1b}[31m” is no server that can be read. There are: nginx, apache.',
    ],
    [
      'that a user is unknown',
      ['--from', 'nginx', '--user', 'zoe'],
      2,
      'there is no user zoe on this system. Make it first',
    ],
    ['that a name is no user’s', ['--from', 'nginx', '--user', '../x'], 2, 'is not an account name'],
    [
      'that the server is not there',
      ['--from', 'nginx', '--apply'],
      3,
      'the configuration of nginx cannot be read: ',
    ],
  ])('%s', async (_, words, exitCode, message) => {
    const before = listTree(built.root);
    const ended = await adopt(...words);
    expect(ended).toMatchObject({ exitCode, stdout: '' });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr.split('\n')).toHaveLength(2);
    expect(listTree(built.root)).toEqual(before);
  });

  test('that only root may do it on a whole server', () => {
    const ended = runAsNobody('autossl', ['adopt', '--from', 'nginx'], { AUTOSSL_ROOT: '' });
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toContain('only root may do this on a whole server');
  });
});

describeWithParts(
  'autossl adopt and a configuration of nginx that was written by an enemy',
  ['nginx'],
  () => {
    let rig: NginxRig;
    beforeAll(() => {
      rig = new NginxRig();
      built = aTree()
        .domainIndex('none')
        .file('/etc/passwd', PEOPLE)
        .file('/srv/a/index.html', 'a\n')
        .settings({ webServer: rig.yaml() })
        .build();
    });
    afterAll(async () => {
      await rig.stop();
      await built.cleanUp();
    });
    const configure = (text: string): void => {
      rig.write(join(rig.sitesFolder, 'all.conf'), text);
    };

    test('tells its fault in nginx’s words', async () => {
      configure('server { listen 127.0.0.1:1; nonsense; }\n');
      const ended = await adopt('--from', 'nginx');
      expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
      expect(ended.stderr).toMatch(/^autossl: .*unknown directive "nonsense".*all\.conf:1/);
    });

    test('takes names and folders for data', async () => {
      const names = ['"$(reboot).a.test"', '"a;b.test"', '"\u001b[31m.test"', '"a b.test"', 'good.test'];
      configure(
        [
          `server { listen 127.0.0.1:1; server_name ${names.join(' ')}; root ${built.path('/srv/a')}; }`,
          `server { listen 127.0.0.1:1; server_name out.test; root /proc/self/root; }`,
          `server { listen 127.0.0.1:1; server_name cut.test; root "${built.path('/srv/a==b')}"; }`,
          '',
        ].join('\n'),
      );
      const ended = await adopt('--from', 'nginx', '--user', 'alice', '--apply');
      expect(ended.exitCode).toBe(1);
      expect(ended.stdout).not.toMatch(/[^\P{Cc}\n]/u);
      expect(ended.stdout).toMatch(/^add {6}good\.test \(alice\)$/m);
      expect(ended.stdout).toContain(
        '1 website adopted, 0 certificates recorded as ours, 0 there already, 2 not adopted.',
      );
      expect(ended.stdout).toMatch(/^CANNOT {3}out\.test: .*leads out of the tree/m);
      expect(ended.stdout).toMatch(/^CANNOT {3}cut\.test: .*cannot hold “==”/m);
      const list = await runBin('autossl', ['website', 'list', '--json'], built.root);
      expect(JSON.parse(list.stdout)).toMatchObject({
        isComplete: true,
        websites: [{ account: 'alice', website: 'good.test', documentRoot: '/srv/a' }],
      });
    });

    test('is not held up by a certificate that hangs whoever opens it', async () => {
      const pem = built.path('/etc/odd.pem');
      execFileSync('mkfifo', [pem]);
      const settings = { webServer: rig.yaml({ timeoutSeconds: 1 }) };
      writeFileSync(built.path('/etc/autossl.yaml'), stringify(settings));
      configure(
        `server { listen 127.0.0.1:1 ssl; server_name odd.test; root ${built.path('/srv/a')}; ssl_certificate ${pem}; ssl_certificate_key ${pem}; }\n`,
      );
      const ended = await adopt('--from', 'nginx', '--user', 'alice');
      expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
      expect(ended.stderr).toMatch(/^autossl: the configuration of nginx .* cannot be read: .*1 s/);
    });
  },
);
