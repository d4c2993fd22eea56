import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RunEvent } from '../../../src/core/report/events/event.js';
import { octets } from '../../support/der-writer.js';
import { describeWithParts } from '../../support/needs.js';
import { aKey, extension } from '../../support/pki.js';
import { DovecotRig, shownBy } from '../../support/service-rigs.js';
import { codesOf, namesOfferedIn, SERVER_NAME, SniServer } from '../../support/sni-server.js';

const MIB = 1024 * 1024;
const CERTIFICATES = 1_000;
/** With the chain, what a pair of RSA-2048 keys has: some 4 kB. */
const KEY = aKey('rsa-2048');
const BULK = extension('2.25.1', false, octets(Buffer.alloc(500, 1)));

describeWithParts(
  'Dovecot with more certificates than its memory holds',
  ['dovecot', 'dovecot-pop3', 'openssl', 'root'],
  () => {
    let server: SniServer;
    let rig: DovecotRig;
    let pem: string;
    const leaves: string[] = [];
    const include = (): string => readFileSync(server.path('dovecot.conf'), 'utf8');
    const nameOf = (website: number): string => `mail.c${String(website).padStart(4, '0')}.test`;
    const configure = (...more: readonly string[]): Promise<void> =>
      rig.configure(pem, [...more, `!include_try ${server.path('dovecot.conf')}`].join('\n'));
    const heldBackIn = (events: readonly RunEvent[]): number => {
      const data = events.find(({ code }) => code === 'NAMES_HELD_BACK')?.data;
      return (data as { readonly certificates: number } | undefined)?.certificates ?? 0;
    };
    /** At one port: each is asked of a process of its own. */
    const shown = (name: string | null): string | undefined => {
      const [, imaps] = rig.ports;
      return imaps && shownBy(imaps, name);
    };
    const isOutOfMemory = (): boolean =>
      readFileSync(`${rig.folder}/dovecot.log`, 'utf8').includes('Out of memory');

    beforeAll(async () => {
      server = new SniServer();
      rig = new DovecotRig(server.root);
      pem = await server.placeOwn('dovecot');
      server.writeSettings({ dovecot: rig.yaml() });
      await configure();
      await rig.start();
      for (let website = 0; website < 50; website += 1) leaves.push(lay(website));
      await server.offer();
      for (let website = 50; website < 300; website += 1) leaves.push(lay(website));
    }, 60_000);
    /** Of the main process and its config process, whatever their settings say. */
    const limitMemory = (bytes: number | 'unlimited'): void => {
      const children = readFileSync(`/proc/${rig.pid}/task/${rig.pid}/children`, 'utf8').trim().split(' ');
      const isConfig = (pid: string): boolean =>
        readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'config';
      for (const pid of [String(rig.pid), ...children.filter(isConfig)])
        execFileSync('prlimit', ['--pid', pid, `--as=${bytes}:`]);
    };
    const until = async (isSo: () => boolean): Promise<void> => {
      while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const lay = (website: number): string =>
      server.lay(nameOf(website), { key: KEY, extraExtensions: [BULK] });
    afterAll(async () => {
      await rig?.stop();
      server?.remove();
    });

    test('has the former ones back, and answers, when it runs out of memory that nobody could know of', async () => {
      await configure('service config {', 'vsz_limit = 0', '}');
      await rig.take();
      await until(() => shown(nameOf(0)) === leaves[0]);
      const before = include();
      limitMemory(40 * MIB);
      const events = await server.offer();
      expect(codesOf(events)).toEqual(['NAMES_REFUSED']);
      expect(events[0]).toMatchObject({
        fault: 'ours',
        contents: expect.stringMatching(/former ones are in place and/),
      });
      expect(isOutOfMemory()).toBe(true);
      expect(include()).toBe(before);
      expect(shown(nameOf(0))).toBe(leaves[0]);
      expect(shown(SERVER_NAME)).toBe(server.ownLeaf);
    });

    test('is given what fits: that is served, the rest is held back and said, and nothing goes down', async () => {
      for (let website = 300; website < CERTIFICATES; website += 1) leaves.push(lay(website));
      limitMemory('unlimited');
      await configure();
      writeFileSync(`${rig.folder}/dovecot.log`, '');
      await rig.take();
      await until(() => shown(nameOf(0)) === leaves[0]);
      const events = await server.offer();
      expect(codesOf(events)).toEqual(['NAMES_OFFERED', 'NAMES_HELD_BACK']);
      expect(events[0]).toMatchObject({ data: { isSeen: true } });
      expect(events[1]).toMatchObject({
        fault: 'ours',
        data: { lines: ['service config {', expect.stringMatching(/^ {2}vsz_limit = \d+M$/), '}'] },
      });
      const held = heldBackIn(events);
      expect(held).toBeGreaterThan(300);
      expect(namesOfferedIn(events) + held).toBe(CERTIFICATES);
      const offered = namesOfferedIn(events);
      expect(offered).toBeGreaterThan(400);
      expect(shown(nameOf(0))).toBe(leaves[0]);
      expect(shown(nameOf(offered - 1))).toBe(leaves[offered - 1]);
      for (const name of [SERVER_NAME, null, nameOf(CERTIFICATES - 1)])
        expect(shown(name)).toBe(server.ownLeaf);
      expect(isOutOfMemory()).toBe(false);
    });

    test('says it again at the next run, and changes nothing', async () => {
      const before = include();
      expect(codesOf(await server.offer())).toEqual(['NAMES_HELD_BACK']);
      expect(include()).toBe(before);
      const text = await server.show();
      expect(text).toMatch(/Dovecot \(dovecot\): answers for \d+ of them\./);
      expect(text).toMatch(
        /names are held back: .*\n {2}Add to dovecot.conf:\n\n {4}service config \{\n {6}vsz_limit = \d+M\n {4}\}/,
      );
    });

    test('serves all of them once its configuration has the lines, without a restart', async () => {
      const held = (await server.offer()).find(({ code }) => code === 'NAMES_HELD_BACK')?.data;
      await configure(...(held as { readonly lines: readonly string[] }).lines);
      const { pid } = rig;
      const events = await server.offer();
      expect(codesOf(events)).toEqual(['NAMES_OFFERED']);
      expect(namesOfferedIn(events)).toBe(CERTIFICATES);
      expect(rig.pid).toBe(pid);
      for (const website of [0, 700, CERTIFICATES - 1]) expect(shown(nameOf(website))).toBe(leaves[website]);
      expect(shown(SERVER_NAME)).toBe(server.ownLeaf);
      expect(isOutOfMemory()).toBe(false);
      const text = await server.show();
      expect(text).toContain('Dovecot (dovecot): answers for them.');
      expect(text).not.toContain('Add ');
    });
  },
);
