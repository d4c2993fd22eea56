import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { buildPrograms } from '../support/bin-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { HostingServer } from '../support/hosting-server.js';
import { describeWithParts } from '../support/needs.js';
import { replaceSets } from '../support/replaced-sets.js';
import type { ServedWebsite } from '../support/served-website.js';

const LONGEST_MS = 300_000;

describe.each(['nginx', 'apache'] as const)('going back on %s', (kind) => {
  describeWithParts(`what ${kind} serves after a rollback`, [kind, 'pebble', 'openssl'], () => {
    let ca: HostingCa;
    let hosting: HostingServer;
    let website: ServedWebsite;
    let older: string;
    let newer: string;

    beforeAll(async () => {
      buildPrograms();
      ca = await startHostingCa();
      hosting = await HostingServer.open(ca, { label: `back${kind}`, [kind]: { accounts: { alice: 1 } } });
      const [only] = hosting.websites;
      if (only === undefined) throw new Error('there is no website');
      website = only;
      const { vhost, account, names } = website;
      const sets = [50, 80].map((daysLeft) => ({ names, daysLeft }));
      [older = '', newer = ''] = await replaceSets(hosting.built, { vhost, account }, sets);
    }, LONGEST_MS);
    afterAll(async () => {
      await hosting?.stop();
      await ca?.stop();
    });

    const rollback = async () => {
      const ended = await hosting.run('autossl', 'rollback', website.vhost, '--json');
      return { exitCode: ended.exitCode, ...JSON.parse(ended.stdout) };
    };
    const shown = async (): Promise<string | undefined> => (await hosting.shown()).get(website.vhost);

    test('there and back: each time what lies there is served, seen from another process', async () => {
      for (const [was, is] of [
        [newer, older],
        [older, newer],
      ]) {
        expect(await rollback()).toMatchObject({
          exitCode: 0,
          outcome: 'served',
          was: { fingerprint: was },
          is: { fingerprint: is },
          served: { state: 'served', places: [{ address: website.address, fingerprint: is }] },
        });
        expect(await shown()).toBe(is);
      }
    });

    test('a broken configuration: nothing is touched, and what was served is served', async () => {
      const before = await shown();
      hosting.serve(website, 'no_such_directive on;');
      const held = await rollback();
      hosting.serve(website);
      expect(held).toMatchObject({ exitCode: 1, outcome: 'held', code: 'CONFIG_BROKEN_BEFORE' });
      expect(held.message).toContain('no_such_directive');
      expect(await shown()).toBe(before);
      expect(hosting.installed().get(website.vhost)).toBe(before);
    });

    test('a website without a site: it is put back, and said not to be served', async () => {
      hosting.serve({ ...website, isTls: false });
      expect(await rollback()).toMatchObject({
        exitCode: 1,
        outcome: 'published-not-served',
        is: { fingerprint: older },
        served: { state: 'not-served' },
        advice: expect.stringContaining(hosting.built.tree.combined(parseHostName(website.vhost))),
      });
    });
  });
});
