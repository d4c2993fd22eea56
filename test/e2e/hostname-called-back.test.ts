import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readCertificate } from '../../src/core/certificate/parse.js';
import type { QueueReport } from '../../src/core/report/queue-report.js';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { describeWithParts } from '../support/needs.js';
import { sayRenewalInfo } from '../support/renewal-said.js';
import { EximRig } from '../support/service-rigs.js';
import { ServicesServer, statesOf } from '../support/services-server.js';

const LONGEST_MS = 120_000;
const HOUR_MS = 3_600_000;
const instant = (ms: number): string => new Date(Date.now() + ms).toISOString();

describeWithParts(
  'the hostname’s certificate, called back by Pebble between two runs of checkallsslcerts',
  ['newer-pebble', 'nginx', 'exim', 'openssl', 'root'],
  () => {
    let ca: HostingCa;
    let server: ServicesServer | undefined;
    beforeAll(async () => {
      buildPrograms();
      ca = await startHostingCa();
    }, LONGEST_MS);
    afterAll(async () => {
      await server?.stop();
      await ca?.stop();
    });

    test(
      'is replaced by the poller: ordered once, said to replace the former, given to every service and served',
      async () => {
        const at = await ServicesServer.open(ca, { label: 'called', rigs: { exim: EximRig } });
        server = at;
        expect(statesOf((await at.check()).report)).toMatchObject({ exim: 'replaced', cpanel: 'replaced' });
        const combinedOf = (service: 'exim' | 'cpanel'): string =>
          readFileSync(join(at.built.tree.serviceTls(service), 'combined'), 'utf8');
        const former = combinedOf('exim');
        await sayRenewalInfo(ca.pebble, former, {
          suggestedWindow: { start: instant(-2 * HOUR_MS), end: instant(-HOUR_MS) },
        });
        const poll = async (...words: string[]): Promise<QueueReport> => {
          const { exitCode, stdout } = await runBin(
            'autossl_check_queue',
            ['--json', ...words],
            at.built.root,
          );
          expect(exitCode).toBe(0);
          return JSON.parse(stdout);
        };
        const report = await poll('--force');
        expect(report).toMatchObject({ judged: [{ account: '@server', vhost: at.hostname }], problems: [] });
        expect(report.installed.map(({ service }) => service).sort()).toEqual(['cpanel', 'exim']);
        const body = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(former)?.[1] ?? '';
        const { ariCertificateId } = readCertificate(Buffer.from(body, 'base64'));
        const orders = ca.proxy.requests
          .filter(({ path, method }) => path === PATHS.newOrder && method === 'POST')
          .map(({ payload }) => (payload as { readonly replaces?: string }).replaces);
        expect(orders).toEqual([undefined, ariCertificateId]);
        expect(combinedOf('exim')).not.toBe(former);
        expect(combinedOf('cpanel')).toBe(combinedOf('exim'));
        expect((await poll('--force')).installed).toEqual([]);
        expect(statesOf((await at.check()).report)).toMatchObject({ exim: 'kept', cpanel: 'kept' });
      },
      LONGEST_MS,
    );
  },
);
