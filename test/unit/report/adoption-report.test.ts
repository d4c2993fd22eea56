import { describe, expect, test } from '@jest/globals';
import type { AdoptedWebsite, FoundCertificate } from '../../../src/core/plan/adoption/adoption.js';
import {
  type AdoptionSummary,
  renderAdoptionPlan,
  renderAdoptionResults,
} from '../../../src/core/report/adoption-report.js';
import { expectGolden } from '../../support/golden.js';
import { printedFile } from '../../support/readme-blocks.js';

const FILE = '/etc/nginx/conf.d/sites.conf';
const combinedOf = (name: string): string => `/var/cpanel/ssl/apache_tls/${name}/combined`;
const certbots: FoundCertificate = {
  step: 'record',
  certificateFile: '/etc/letsencrypt/live/a.test/fullchain.pem',
  keyFile: '/etc/letsencrypt/live/a.test/privkey.pem',
  manager: { program: 'certbot', name: 'a.test' },
  code: null,
  why: null,
  warnings: [],
  issuer: "CN=R99, O=Let's Encrypt",
  names: ['a.test', 'www.a.test'],
  notAfter: '2026-08-01T12:00:00.000Z',
  fingerprint: 'ab',
};

function website(name: string, more: Partial<AdoptedWebsite> = {}): AdoptedWebsite {
  const combined = combinedOf(name);
  return {
    website: name,
    account: 'alice',
    action: 'add',
    code: null,
    why: null,
    advice: null,
    documentRoot: `/var/www/${name}`,
    names: [name, `www.${name}`],
    newNames: [name, `www.${name}`],
    leftOut: [],
    sites: [
      { file: FILE, line: 1, isTls: false },
      { file: FILE, line: 6, isTls: true },
    ],
    combinedFile: combined,
    certificate: certbots,
    changes: [
      {
        file: FILE,
        line: 6,
        replaces: ['ssl_certificate', 'ssl_certificate_key'],
        lines: [`ssl_certificate     ${combined};`, `ssl_certificate_key ${combined};`],
      },
    ],
    notes: [],
    ...more,
  };
}

const nginx: AdoptionSummary = {
  from: 'nginx',
  server: 'nginx',
  challengeFolder: '/var/cpanel/acme-challenge',
  websites: [
    website('a.test'),
    website('expired.test', {
      certificate: {
        ...certbots,
        step: 'none',
        manager: null,
        certificateFile: '/etc/nginx/old.crt',
        code: 'CERTIFICATE_EXPIRED',
        why: 'The certificate expired at 2026-01-01T00:00:00Z (0:10:CERT_HAS_EXPIRED).',
      },
    }),
    website('plain.test', {
      certificate: null,
      changes: [],
      sites: [{ file: FILE, line: 20, isTls: false }],
      leftOut: [{ name: 'shared.test' as never, why: 'the website b.test of bob has it' }],
    }),
    website('bought.test', {
      action: 'extend',
      newNames: ['www.bought.test'],
      certificate: { ...certbots, step: 'copy', manager: null, certificateFile: '/etc/nginx/ev.crt' },
      notes: ['bought.test is in two sites at port 443: /f:1 is used, /f:2 is not'],
    }),
    website('there.test', {
      action: 'present',
      newNames: [],
      changes: [],
      certificate: { ...certbots, step: 'done', manager: { program: 'acme.sh', name: 'there.test' } },
    }),
    website('ours.test', { action: 'present', newNames: [], changes: [], certificate: null }),
    website('renewed.test', { action: 'present', certificate: { ...certbots, step: 'keep-present' } }),
    website('chain.test', {
      certificate: { ...certbots, warnings: ['The issuer of the certificate is not there (0:20:X).'] },
    }),
    website('lost.test', {
      account: null,
      action: 'refused',
      code: 'NO_ACCOUNT',
      why: 'nobody’s account is known: the document root /var/www/lost.test belongs to root',
      advice: 'Say with --user whose such websites are.',
    }),
  ],
  skipped: [
    { name: '*.a.test', why: 'a wildcard is proved over DNS only', file: FILE, line: 6 },
    { name: null, why: 'it has no name of its own', file: '/etc/nginx/sites-enabled/default', line: 21 },
  ],
};

describe('the plan of an adoption', () => {
  test('for nginx', () => {
    expectGolden('report/adoption-nginx.txt', renderAdoptionPlan(nginx));
  });

  test('for Apache', () => {
    const combined = combinedOf('a.test');
    const changes = [
      {
        file: '/etc/apache2/sites-enabled/a.conf',
        line: 9,
        replaces: ['SSLCertificateFile', 'SSLCertificateKeyFile', 'SSLCertificateChainFile'],
        lines: [`SSLCertificateFile    ${combined}`, `SSLCertificateKeyFile ${combined}`],
      },
    ];
    const plain = website('plain.test', {
      certificate: null,
      changes: [],
      sites: [{ file: '/etc/apache2/sites-enabled/b.conf', line: 1, isTls: false }],
    });
    const text = renderAdoptionPlan({
      ...nginx,
      from: 'apache',
      server: 'Apache',
      websites: [website('a.test', { changes }), plain],
      skipped: [],
    });
    expectGolden('report/adoption-apache.txt', text);
  });

  test('of a server without sites is one line', () => {
    expect(renderAdoptionPlan({ ...nginx, websites: [], skipped: [] })).toBe(
      'nginx: 0 websites, 0 accounts.\n',
    );
  });

  test('prints the mapping of the challenges as the README does', () => {
    const block = printedFile('/etc/nginx/snippets/autossl.conf').split('\n').slice(1).join('\n');
    const text = renderAdoptionPlan(nginx).replace(/^ {4}/gm, '');
    expect(text).toContain(block);
    const apache = printedFile('/etc/apache2/conf-available/autossl.conf').split('\n').slice(1).join('\n');
    expect(renderAdoptionPlan({ ...nginx, from: 'apache' }).replace(/^ {4}/gm, '')).toContain(apache);
    expect(renderAdoptionPlan({ ...nginx, challengeFolder: null })).not.toContain('acme-challenge');
  });

  test('steers no terminal and offers no command with a name that a shell would read', () => {
    const evil = '\u001b[2J$(reboot)';
    const text = renderAdoptionPlan({
      ...nginx,
      server: evil,
      websites: [
        website('a.test', {
          documentRoot: evil,
          notes: [evil],
          leftOut: [{ name: 'b.test' as never, why: evil }],
          certificate: {
            ...certbots,
            certificateFile: evil,
            issuer: evil,
            names: [evil],
            why: evil,
            warnings: [evil],
            manager: { program: 'certbot', name: evil },
          },
        }),
      ],
      skipped: [{ name: evil, why: evil, file: evil, line: 1 }],
    });
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    expect(text).not.toContain('--cert-name');
  });
});

test('what was done is told in a line, what was not in one each', () => {
  const result = { account: 'alice', certificate: null, why: null } as const;
  expect(
    renderAdoptionResults([
      { ...result, website: 'a.test', outcome: 'done', certificate: 'recorded' },
      { ...result, website: 'b.test', outcome: 'done', certificate: 'placeholder' },
      { ...result, website: 'c.test', outcome: 'unchanged' },
      { ...result, website: 'd.test', outcome: 'failed', why: 'Its name belongs to bob.' },
    ]),
  ).toBe(`CANNOT   d.test: Its name belongs to bob.
2 websites adopted, 1 certificate recorded as ours, 1 there already, 1 not adopted.
`);
});
