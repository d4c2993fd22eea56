import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CaaFailureCode } from '../../src/core/caa/outcome.js';
import type { DcvFailureCode } from '../../src/core/dcv/outcome.js';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { PEBBLE_TERMS } from '../support/ca-site.js';
import { installedSet } from '../support/installed-set.js';
import { describeWithParts } from '../support/needs.js';
import { type LogRecord, lastRecords } from '../support/run-logs.js';
import type { AccountSpec } from '../support/tree-builder.js';
import { PLACES, ValidationRig } from '../support/validation-rig.js';

/** Ms; a silent server is waited for ten seconds, all the rest goes on beside it. */
const LONGEST_MS = 300_000;
const { first, second, six, closed, silent } = PLACES;

/** A website `LABEL.rig.test`; its `www.` and `mail.` names are in order unless said otherwise. */
interface Row {
  readonly label: string;
  /** Which of its names fails: the bare one unless given. */
  readonly name?: 'mail';
  readonly code: DcvFailureCode | CaaFailureCode;
  /** What the message says of it. */
  readonly says: RegExp;
  readonly advice: RegExp;
  /** Records of the failing name. */
  readonly records: readonly string[];
  /** What nginx does for it. */
  readonly nginx?: string;
  readonly nginxAtSix?: string;
}

const ROWS: readonly Row[] = [
  {
    label: 'gone',
    name: 'mail',
    code: 'NXDOMAIN',
    says: /does not exist in DNS/,
    advice: /^Create an A \(or AAAA\) record for mail\.gone\.rig\.test/,
    records: [],
  },
  {
    label: 'bare',
    code: 'NO_ADDRESS',
    says: /has neither an A nor an AAAA record/,
    advice: /^Add an A \(or AAAA\) record/,
    records: ['TXT "nothing else"'],
  },
  {
    label: 'lame',
    name: 'mail',
    code: 'DNS_SERVFAIL',
    says: /its name servers fail/,
    advice: /^Have the name servers of mail\.lame\.rig\.test repaired/,
    records: ['NS ns.'],
  },
  {
    label: 'refused',
    code: 'CONNECTION_REFUSED',
    says: new RegExp(`at ${closed} refused the connection`),
    advice: /^Start the web server at /,
    records: [`A ${closed}`],
  },
  {
    label: 'silent',
    code: 'CONNECTION_TIMED_OUT',
    says: new RegExp(`at ${silent} accepted the connection but did not answer in time`),
    advice: /^Open port 80 of /,
    records: [`A ${silent}`],
  },
  {
    label: 'reset',
    code: 'CONNECTION_RESET',
    says: /broke the connection off/,
    advice: /^Find out what cuts connections/,
    records: [`A ${first}`],
    nginx: 'return 444;',
  },
  {
    label: 'private',
    code: 'PRIVATE_ADDRESS',
    says: /at 10\.99\.0\.1 was not tried/,
    advice: /^Give private\.rig\.test an address of the public internet/,
    records: ['A 10.99.0.1'],
  },
  {
    label: 'password',
    code: 'HTTP_UNAUTHORIZED',
    says: /status 401/,
    advice: /read without a password/,
    records: [`A ${first}`],
    nginx: 'return 401;',
  },
  {
    label: 'forbidden',
    code: 'HTTP_FORBIDDEN',
    says: /status 403/,
    advice: /Allow everyone to read|Point forbidden/,
    records: [`A ${second}`],
    nginx: 'deny all;',
  },
  {
    label: 'missing',
    code: 'HTTP_NOT_FOUND',
    says: /status 404/,
    advice: /missing\.rig\.test/,
    records: [`A ${second}`],
    nginx: 'root /nonexistent;',
  },
  {
    label: 'failing',
    code: 'HTTP_SERVER_ERROR',
    says: /status 500/,
    advice: /failing\.rig\.test/,
    records: [`A ${first}`],
    nginx: 'return 500;',
  },
  {
    label: 'teapot',
    code: 'HTTP_STATUS',
    says: /status 418/,
    advice: /teapot\.rig\.test/,
    records: [`A ${first}`],
    nginx: 'return 418;',
  },
  {
    label: 'away',
    code: 'REDIRECTED_AWAY',
    says: /redirected to “http:\/\/elsewhere\.rig\.test\/.*status 404/,
    advice: /out of the redirect to elsewhere\.rig\.test/,
    records: [`A ${first}`],
    nginx: 'return 301 http://elsewhere.rig.test/;',
  },
  {
    label: 'circle',
    code: 'REDIRECT_LOOP',
    says: /redirects back to/,
    advice: /^Correct the redirects of circle\.rig\.test/,
    records: [`A ${first}`],
    nginx: 'return 302 http://$host$request_uri;',
  },
  {
    label: 'longway',
    code: 'TOO_MANY_REDIRECTS',
    says: /redirects once more than the 10 times/,
    advice: /^Shorten the chain of redirects of longway\.rig\.test/,
    records: [`A ${first}`],
    nginx: 'rewrite ^(.*)$ http://$host$1x redirect;',
  },
  {
    label: 'inward',
    code: 'REDIRECT_REFUSED',
    says: /leads to 10\.99\.0\.1/,
    advice: /redirect only to http or https URLs of public host names/,
    records: [`A ${first}`],
    nginx: 'return 301 http://private.rig.test/;',
  },
  {
    label: 'welcome',
    code: 'WRONG_BODY',
    says: /something else than the file: “welcome”/,
    advice: /welcome\.rig\.test/,
    records: [`A ${first}`],
    nginx: 'return 200 welcome;',
  },
  {
    label: 'old6',
    code: 'IPV6_BROKEN',
    says: /at ::1 answered with status 404 .*IPv4 works/,
    advice: /AAAA record of old6\.rig\.test that names ::1/,
    records: [`A ${first}`, `AAAA ${six}`],
    nginxAtSix: 'root /nonexistent;',
  },
  {
    label: 'pledged',
    code: 'CAA_FORBIDS',
    says: /CAA records of mail\.pledged\.rig\.test permit other certificate authorities only/,
    advice: /mail\.pledged\.rig\.test\. CAA 0 issue "pebble\.test"/,
    name: 'mail',
    records: [`A ${first}`, 'CAA 0 issue "other.test"'],
  },
];

/** What a CA can validate, each in another way. */
const GOOD: Readonly<Record<string, readonly string[]>> = {
  'four.rig.test': [`A ${first}`],
  'two.rig.test': [`A ${first}`, `A ${second}`],
  'both.rig.test': [`A ${second}`, `AAAA ${six}`],
  'only6.rig.test': [`AAAA ${six}`],
  'moved.rig.test': [`A ${first}`],
};
const MOVED = 'return 307 http://www.$host:PORT$request_uri;';
/** Its zone is signed by another key than its DS record names. */
const BOGUS = 'bogus.test';

const failingName = ({ label, name }: Row): string =>
  `${name === undefined ? '' : `${name}.`}${label}.rig.test`;
const isGood = (row: Row, name: string): boolean => name !== failingName(row);
const namesOf = (domain: string): string[] => [domain, `www.${domain}`, `mail.${domain}`];
const account = (domain: string): AccountSpec => ({ domain, keyType: 'ecdsa-prime256v1' });

function zoneOfTheRig(): string[] {
  const records = (name: string, values: readonly string[]): string[] =>
    values.map((value) => `${name}. ${value}`);
  return [
    ...ROWS.flatMap((row) => [
      ...records(failingName(row), row.records),
      ...namesOf(`${row.label}.rig.test`)
        .filter((name) => isGood(row, name))
        .map((name) => `${name}. A ${first}`),
    ]),
    ...Object.entries(GOOD).flatMap(([domain, values]) =>
      namesOf(domain).flatMap((name) => records(name, values)),
    ),
    `elsewhere A ${first}`,
  ];
}

describeWithParts('names that fail before the CA sees them', ['bind', 'pebble', 'nginx', 'openssl'], () => {
  let rig: ValidationRig;
  let records: readonly LogRecord[];
  let report: { readonly counts: Readonly<Record<string, number>>; readonly problems: readonly object[] };
  beforeAll(async () => {
    buildPrograms();
    const domains = [...ROWS.map(({ label }) => `${label}.rig.test`), ...Object.keys(GOOD), BOGUS];
    rig = await ValidationRig.start({
      zones: {
        'rig.test': zoneOfTheRig(),
        [BOGUS]: [`@ A ${first}`, `www A ${first}`, `mail A ${first}`],
      },
      bogus: [BOGUS],
      failing: ['mail.lame.rig.test'],
      accounts: Object.fromEntries(domains.map((domain, index) => [`user${index}`, account(domain)])),
      hosts: {
        ...Object.fromEntries(
          ROWS.flatMap((row) => (row.nginx === undefined ? [] : [[failingName(row), row.nginx]])),
        ),
        'moved.rig.test': MOVED,
        'elsewhere.rig.test': 'root /nonexistent;',
      },
      hostsAtSix: Object.fromEntries(
        ROWS.flatMap((row) => (row.nginxAtSix === undefined ? [] : [[failingName(row), row.nginxAtSix]])),
      ),
    });
    const meta = { termsOfService: PEBBLE_TERMS, caaIdentities: ['pebble.test'] };
    rig.proxy.fault(PATHS.directory, { kind: 'change', members: { meta } }, Number.POSITIVE_INFINITY);
    const { exitCode, stdout, stderr } = await rig.run('autossl_check', '--all', '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    report = JSON.parse(stdout);
    records = lastRecords(rig.built);
  }, LONGEST_MS);
  afterAll(async () => rig?.stop());

  const recordsOf = (name: string) => records.filter((one) => one.name === name);
  const failureOf = (name: string) => recordsOf(name).find(({ type }) => type === 'warn');
  const adviceOf = (name: string) => recordsOf(name).find(({ code }) => code === 'ADVICE')?.contents;

  test.each(ROWS)('$label: $code, and the website goes ahead without the name', (row) => {
    const name = failingName(row);
    expect(failureOf(name)).toMatchObject({ code: row.code, contents: expect.stringMatching(row.says) });
    expect(adviceOf(name)).toMatch(row.advice);
    const vhost = `${row.label}.rig.test`;
    expect(installedSet(rig.built, vhost).names).toEqual(
      namesOf(vhost)
        .filter((one) => isGood(row, one))
        .sort(),
    );
  });

  test('DNSSEC that does not verify is told from name servers that fail, for each name of the website', () => {
    for (const name of namesOf(BOGUS)) {
      expect(failureOf(name)).toMatchObject({
        code: 'DNSSEC_BOGUS',
        contents: expect.stringContaining('its DNSSEC signatures do not verify'),
      });
      expect(adviceOf(name)).toMatch(/^Correct the DNSSEC of /);
    }
    expect(existsSync(rig.built.tree.combined(parseHostName(BOGUS)))).toBe(false);
  });

  test.each(Object.keys(GOOD))('%s gets all of its names', (domain) => {
    expect(installedSet(rig.built, domain).names).toEqual(namesOf(domain).sort());
  });

  test('a name that has IPv6 only is warned of', () => {
    const warnings = recordsOf('only6.rig.test').filter(({ code }) => code === 'DCV_WARNING');
    expect(warnings.map(({ contents }) => contents)).toEqual([
      expect.stringMatching(/has no A record: it can be reached over IPv6 only/),
    ]);
  });

  test('the CA is asked for good names only, and none fails there', () => {
    const websites = ROWS.length + Object.keys(GOOD).length;
    expect(report.counts).toMatchObject({ installed: websites });
    const asked = rig.proxy.requests.filter(({ path }) => path === PATHS.newOrder);
    expect(asked).toHaveLength(websites);
    const names = asked.flatMap(({ payload }) =>
      (payload as { identifiers: { value: string }[] }).identifiers.map(({ value }) => value),
    );
    const bad = [...ROWS.map(failingName), ...namesOf(BOGUS)];
    expect(names.filter((name) => bad.includes(name))).toEqual([]);
    expect(rig.pebble.output()).not.toMatch(INVALID);
  });

  test(
    'without the check the CA finds a fault and counts it: what is not found above could be found',
    async () => {
      rig.configure({ preflight: 'off' });
      await rig.run('autossl_check', '--user', `user${ROWS.length + Object.keys(GOOD).length}`);
      expect(rig.pebble.output()).toMatch(INVALID);
    },
    LONGEST_MS,
  );
});

/** Pebble's word for a failed authorization, in its log. */
const INVALID = /authz \S+ set INVALID/;
