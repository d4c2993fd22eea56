import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseHostName } from '../../src/core/domain/name/names.js';
import type { ProgramResult } from '../demo/program.js';
import { faultsAfterKills } from '../support/after-crash.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { faultsOfEnd, faultsOfPair } from '../support/failpoints/faults-of-run.js';
import { type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { installedSet } from '../support/installed-set.js';
import { runBinBehind } from '../support/mounted-program.js';
import { describeWithParts } from '../support/needs.js';
import { aCertificate } from '../support/pki.js';
import { COMMANDS } from '../support/spoilt/commands.js';
import { faultsOfWords } from '../support/spoilt/faults-of-spoilt-tree.js';

const isLong = process.env['LONG'] === '1';
const WEBSITES = 2;
/** Room for what a run may need, and for the file that takes it away. */
const DISK = '24m';
const LONGEST_MS = 1_800_000;
/** A program of these is enough where time is short. */
const EVERY = isLong ? 1 : 30;
/** What a disk waits for before it is full, below what we keep of certificates, and for how many seconds after that. */
const MOMENTS: readonly (readonly [string, number])[] = isLong
  ? Array.from({ length: 24 }, (_, index) => [
      ['autossl/locks/run.lock', 'autossl/orders/*.json', 'autossl/staging/*/chain.pem'][index % 3] ?? '',
      Math.floor(index / 3) * 0.25,
    ])
  : [['autossl/orders/*.json', 0.1]];

describeWithParts(
  'a file system that has no room, or takes nothing',
  ['pebble', 'openssl', 'mounts', 'root'],
  () => {
    let site: CaSite;
    let scratch: string;
    let count = 0;
    beforeAll(async () => {
      buildPrograms();
      scratch = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-disks-')));
      chmodSync(scratch, 0o755);
      site = await startCaSite();
    });
    afterAll(async () => {
      await site?.stop();
      rmSync(scratch, { recursive: true, force: true });
    });

    /** A server whose websites have somebody’s certificates, which a run exchanges. */
    async function host(): Promise<HostedWebsites> {
      const name = `disk${count++}`;
      const hosted = await hostWebsites(site, name, {
        websites: WEBSITES,
        furnish: (builder) => {
          for (let index = 0; index < WEBSITES; index += 1) {
            const vhost = `site${index}.${name}.test`;
            builder.combined(vhost, aCertificate({ names: [vhost], issuer: 'self' }).combined);
          }
          return builder.file('/etc/hostname', `server.${name}.test\n`);
        },
      });
      // As an earlier run would have made them.
      for (const vhost of hosted.names.keys()) chmodSync(hosted.tree.websiteTls(parseHostName(vhost)), 0o711);
      return hosted;
    }

    const stateOf = ({ tree }: HostedWebsites): string => join(tree.own(), '..');
    const fill = (folder: string): string =>
      `dd if=/dev/zero of=${folder}/filler bs=4k status=none 2> ${scratch}/dd`;

    /** Runs a program while what we keep of certificates lies on a small disk of its own; leaves there what it made of it. */
    async function onSmallDisk(
      hosted: HostedWebsites,
      trouble: (folder: string) => string,
      program: string,
      words: readonly string[],
    ): Promise<ProgramResult> {
      const folder = stateOf(hosted);
      const [aside, result] = [join(scratch, `aside${count}`), join(scratch, `result${count++}`)];
      mkdirSync(result);
      cpSync(folder, aside, { recursive: true });
      const mounts = [
        `mount -t tmpfs -o size=${DISK},mode=711 tmpfs ${folder}`,
        `cp -a ${aside}/. ${folder}`,
        trouble(folder),
      ].join(' && ');
      const last = `rm -f ${folder}/filler; touch ${folder}/over 2> ${scratch}/touch; cp -a ${folder}/. ${result}`;
      const end = await runBinBehind(mounts, program, words, hosted.root, last);
      rmSync(folder, { recursive: true });
      cpSync(result, folder, { recursive: true });
      rmSync(join(folder, 'over'), { force: true });
      chmodSync(folder, 0o711);
      rmSync(aside, { recursive: true });
      rmSync(result, { recursive: true });
      return end;
    }

    function faultsOfPairs(hosted: HostedWebsites): string[] {
      return [...hosted.names.keys()].flatMap((vhost) => faultsOfPair(vhost, installedSet(hosted, vhost)));
    }

    /** Undisturbed, the next run does all that is left. */
    async function faultsOfNext(hosted: HostedWebsites): Promise<string[]> {
      const next = await hosted.run('autossl_check', '--all');
      return [
        ...(next.exitCode === 0 ? [] : [`the next run: exit ${next.exitCode}: ${next.stdout}${next.stderr}`]),
        ...faultsAfterKills(site, hosted, WEBSITES),
      ];
    }

    test('full to the brim: nothing is ordered, exit 3 in words, and all is well once there is room', async () => {
      const hosted = await host();
      const end = await onSmallDisk(hosted, (folder) => `{ ${fill(folder)}; true; }`, 'autossl_check', [
        '--all',
      ]);
      expect(end).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('no space is left') });
      expect([...faultsOfEnd({ ...end, durationMs: 0 }), ...faultsOfPairs(hosted)]).toEqual([]);
      expect(await faultsOfNext(hosted)).toEqual([]);
    });

    if (isLong)
      test('without another inode: nothing is ordered, exit 3 in words', async () => {
        const hosted = await host();
        const inodes = (folder: string): string =>
          `i=0; while touch ${folder}/none$i; do i=$((i+1)); done 2> ${scratch}/none; true`;
        const end = await onSmallDisk(
          hosted,
          (folder) => `mount -o remount,nr_inodes=200 ${folder} && { ${inodes(folder)}; }`,
          'autossl_check',
          ['--all'],
        );
        expect(end).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('no space is left') });
        expect([...faultsOfEnd({ ...end, durationMs: 0 }), ...faultsOfPairs(hosted)]).toEqual([]);
      });

    test(
      'full at some instant of the run: the last good state stays, and the next run does the rest',
      async () => {
        const ends: (number | null)[] = [];
        for (const [first, seconds] of MOMENTS) {
          const hosted = await host();
          const filling = (folder: string): string =>
            `{ (until ls ${folder}/over ${folder}/${first} 2> ${scratch}/ls | grep -q .; do sleep 0.02; done; sleep ${seconds}; [ -e ${folder}/over ] || ${fill(folder)}) & }`;
          const end = await onSmallDisk(hosted, filling, 'autossl_check', ['--all']);
          const faults = [
            ...faultsOfEnd({ ...end, durationMs: 0 }),
            ...faultsOfPairs(hosted),
            ...(await faultsOfNext(hosted)),
          ];
          expect({ first, seconds, faults, said: faults.length > 0 ? end : '' }).toEqual({
            first,
            seconds,
            faults: [],
            said: '',
          });
          ends.push(end.exitCode);
        }
        process.stderr.write(`full at some instant: exit codes ${ends.join(' ')}\n`);
      },
      LONGEST_MS,
    );

    const troubles: readonly (readonly [string, (folder: string) => string, boolean])[] = [
      ['full to the brim', (folder: string) => `{ ${fill(folder)}; true; }`, true],
      ['read-only', (folder: string) => `mount -o remount,ro ${folder}`, true],
      [
        'read-only as a whole',
        (root: string) => `mount --bind ${root} ${root} && mount -o remount,bind,ro ${root}`,
        false,
      ],
    ];
    test.each(isLong ? troubles : troubles.slice(0, 1))(
      '%s: every program ends by a documented code, in words, and changes nothing that is in use',
      async (_, trouble, isSmall) => {
        const hosted = await host();
        expect((await hosted.run('autossl_check', '--all')).exitCode).toBe(0);
        const before = [...hosted.names.keys()].map(
          (vhost) => installedSet(hosted, vhost).leaf.fingerprint256,
        );
        const codes = new Map<string, number | null>();
        const faults: string[] = [];
        for (const [index, [program, ...given]] of COMMANDS.entries()) {
          const words = given.map((word) => word.replace('.spoilt.test', hosted.suffix));
          const line = [program, ...words].join(' ');
          if (index % EVERY !== 0 || codes.has(line)) continue;
          const end = isSmall
            ? await onSmallDisk(hosted, trouble, program, words)
            : await runBinBehind(trouble(hosted.root), program, words, hosted.root);
          codes.set(line, end.exitCode);
          const found = [
            ...faultsOfEnd({ ...end, durationMs: 0 }),
            ...faultsOfWords(end),
            ...faultsOfPairs(hosted),
          ];
          faults.push(...found.map((fault) => `${line}: ${fault}`));
        }
        expect(faults).toEqual([]);
        expect(
          [...hosted.names.keys()].map((vhost) => installedSet(hosted, vhost).leaf.fingerprint256),
        ).toEqual(before);
        const tally = [0, 1, 2, 3, 75].map(
          (code) => `${code}: ${[...codes.values()].filter((one) => one === code).length}`,
        );
        process.stderr.write(`exit codes ${tally.join(', ')}\n`);
      },
      LONGEST_MS,
    );
  },
);
