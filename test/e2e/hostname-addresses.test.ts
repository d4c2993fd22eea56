import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readCertificate } from '../../src/core/certificate/parse.js';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { describeWithParts } from '../support/needs.js';
import { EximRig } from '../support/service-rigs.js';
import { ServicesServer, statesOf } from '../support/services-server.js';

const LONGEST_MS = 120_000;

describeWithParts(
  'addresses in the hostname’s certificate (RFC 8738), at Pebble',
  ['pebble', 'nginx', 'exim', 'openssl', 'root'],
  () => {
    let ca: HostingCa;
    let server: ServicesServer | undefined;
    let stop: (() => Promise<void>) | undefined;
    beforeAll(async () => {
      buildPrograms();
      ca = await startHostingCa();
    }, LONGEST_MS);
    afterEach(async () => {
      await stop?.();
      await server?.stop();
      [stop, server] = [undefined, undefined];
      ca.proxy.clear();
    });
    afterAll(() => ca?.stop());

    /** Its settings ask for these addresses: of its own, those that `own` makes of it. */
    async function open(
      label: string,
      addressesOf: (own: string) => readonly string[],
    ): Promise<ServicesServer> {
      const opened = await ServicesServer.open(ca, {
        label,
        rigs: { exim: EximRig },
        ipAddresses: addressesOf,
      });
      server = opened;
      return opened;
    }
    const namesAt = (at: ServicesServer): readonly string[] => {
      const combined = readFileSync(join(at.built.tree.serviceTls('exim'), 'combined'), 'utf8');
      const body = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(combined)?.[1] ?? '';
      const { dnsNames, ipAddresses, subject } = readCertificate(Buffer.from(body, 'base64'));
      for (const address of ipAddresses) expect(subject).not.toContain(address);
      return [...dnsNames, ...ipAddresses];
    };
    const ordered = (): readonly unknown[] =>
      ca.proxy.requests
        .filter(({ path, method }) => path === PATHS.newOrder && method === 'POST')
        .map(({ payload }) => (payload as { readonly identifiers: unknown }).identifiers);

    test(
      'an IPv4 address is proved over HTTP and named, and nothing is ordered a second time for it',
      async () => {
        const at = await open('ip4', (own) => [own]);
        const { exitCode, report } = await at.check();
        expect({ exitCode, problems: report.problems, faults: report.faults }).toEqual({
          exitCode: 0,
          problems: [],
          faults: [],
        });
        expect(statesOf(report)).toMatchObject({ exim: 'replaced', cpanel: 'replaced' });
        expect(namesAt(at)).toEqual([at.hostname, at.address]);
        expect(ordered()).toEqual([
          [
            { type: 'dns', value: at.hostname },
            { type: 'ip', value: at.address },
          ],
        ]);
        const again = await at.check();
        expect(statesOf(again.report)).toMatchObject({ exim: 'kept', cpanel: 'kept' });
        expect(ordered()).toHaveLength(1);
      },
      LONGEST_MS,
    );

    test(
      'an IPv6 address is named as well, however its owner writes it',
      async () => {
        const at = await open('ip6', (own) => [own, '0:0:0:0:0:0:0:1']);
        const challenges = at.built.tree.challenges();
        const web = createServer(({ url = '' }, answer) => answer.end(challengeOr404(challenges, url)));
        await new Promise<void>((resolve, reject) => {
          web.once('error', reject);
          web.listen({ port: ca.httpPort, host: '::1', ipv6Only: true }, resolve);
        });
        stop = () => new Promise((resolve) => web.close(() => resolve()));
        const { exitCode, report } = await at.check();
        expect({ exitCode, warnings: report.warnings }).toEqual({ exitCode: 0, warnings: [] });
        expect(namesAt(at)).toEqual([at.hostname, at.address, '::1']);
      },
      LONGEST_MS,
    );

    test(
      'an address at which nobody answers is left out with a warning',
      async () => {
        const at = await open('ipless', (own) => [own, '127.255.255.77']);
        const { exitCode, report } = await at.check();
        expect(exitCode).toBe(0);
        expect(report.warnings).toEqual([
          expect.objectContaining({
            code: 'ADDRESSES_LEFT_OUT',
            message: expect.stringContaining('127.255.255.77'),
          }),
        ]);
        expect(namesAt(at)).toEqual([at.hostname, at.address]);
      },
      LONGEST_MS,
    );

    test(
      'a CA that takes no addresses is ordered from without, in the same run',
      async () => {
        const at = await open('ipnone', (own) => [own]);
        ca.proxy.fault(PATHS.newOrder, { kind: 'problem', status: 400, type: 'unsupportedIdentifier' }, 1);
        const { exitCode, report } = await at.check();
        expect({ exitCode, problems: report.problems }).toEqual({ exitCode: 0, problems: [] });
        expect(report.warnings).toMatchObject([{ code: 'ADDRESSES_LEFT_OUT' }]);
        expect(namesAt(at)).toEqual([at.hostname]);
      },
      LONGEST_MS,
    );
  },
);

function challengeOr404(folder: string, url: string): string {
  try {
    return readFileSync(join(folder, basename(url)), 'utf8');
  } catch {
    return 'nothing here';
  }
}
