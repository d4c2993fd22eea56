import { describe, expect, test } from '@jest/globals';
import { type HookSettings, hookCallFor } from '../../../src/adapters/dns/editors/hook-styles.js';
import type { ZoneChange } from '../../../src/runs/ports/zones.js';

const RECORD = '_acme-challenge.www.ours.test';
const settings: HookSettings = {
  kind: 'hook',
  style: 'autossl',
  command: ['/sbin/edit-dns', '--quiet'],
  cleanupCommand: ['/sbin/edit-dns-back'],
  acmeSh: null,
  environment: new Map(),
  zones: ['ours.test'],
  timeoutMs: 1000,
};
const callFor = (over: Partial<HookSettings>, op: ZoneChange['op'], name = RECORD) =>
  hookCallFor(
    { ...settings, ...over },
    {
      change: { op, name, type: 'TXT', value: 'VALUE' },
      apex: 'ours.test',
      remaining: 2,
      domains: ['www.ours.test', 'ours.test'],
      printedBefore: 'what it printed',
    },
  );

describe('a hook is called', () => {
  test.each([
    ['autossl', 'add', ['present', RECORD, 'VALUE', 'ours.test']],
    ['autossl', 'remove', ['cleanup', RECORD, 'VALUE', 'ours.test']],
    ['lego', 'add', ['present', `${RECORD}.`, 'VALUE']],
    ['lego', 'remove', ['cleanup', `${RECORD}.`, 'VALUE']],
    ['dehydrated', 'add', ['deploy_challenge', 'www.ours.test', 'VALUE', 'VALUE']],
    ['dehydrated', 'remove', ['clean_challenge', 'www.ours.test', 'VALUE', 'VALUE']],
  ] as const)('in the style %s to %s a record', (style, op, words) => {
    expect(callFor({ style }, op)).toEqual({
      argv: ['/sbin/edit-dns', '--quiet', ...words],
      environment: {},
      scripts: [],
    });
  });

  test('in the style certbot with the challenge in its environment', () => {
    const environment = {
      CERTBOT_DOMAIN: 'www.ours.test',
      CERTBOT_VALIDATION: 'VALUE',
      CERTBOT_REMAINING_CHALLENGES: '2',
      CERTBOT_ALL_DOMAINS: 'www.ours.test,ours.test',
    };
    const added = callFor({ style: 'certbot' }, 'add');
    expect(added).toMatchObject({ argv: ['/sbin/edit-dns', '--quiet'], environment });
    expect(added?.environment).not.toHaveProperty('CERTBOT_AUTH_OUTPUT');
    expect(callFor({ style: 'certbot' }, 'remove')).toMatchObject({
      argv: ['/sbin/edit-dns-back'],
      environment: { ...environment, CERTBOT_AUTH_OUTPUT: 'what it printed' },
    });
  });

  test('in the style acme.sh by a shell whose text never changes', () => {
    const given = { style: 'acme.sh', command: ['/root/.acme.sh/dnsapi/dns_cf.sh'] } as const;
    const [one, other] = [callFor(given, 'add'), callFor(given, 'remove', '_acme-challenge.ours.test')];
    expect(one?.argv).toEqual(other?.argv);
    expect(one).toMatchObject({
      scripts: ['/root/.acme.sh/dnsapi/dns_cf.sh'],
      environment: { AUTOSSL_DNS_FUNCTION: 'dns_cf_add', AUTOSSL_DNS_RECORD: RECORD, AUTOSSL_ACME_SH: '' },
    });
    expect(other?.environment).toMatchObject({ AUTOSSL_DNS_FUNCTION: 'dns_cf_rm' });
    expect(callFor({ ...given, acmeSh: '/root/.acme.sh/acme.sh' }, 'add')).toMatchObject({
      scripts: ['/root/.acme.sh/acme.sh', '/root/.acme.sh/dnsapi/dns_cf.sh'],
      environment: { AUTOSSL_ACME_SH: '/root/.acme.sh/acme.sh', LE_CONFIG_HOME: '/root/.acme.sh' },
    });
  });

  test.each(['certbot', 'dehydrated'] as const)(
    'not for a record that the style %s has no word for',
    (style) => {
      expect(callFor({ style }, 'add', '_dcv-test-record.ours.test')).toBeNull();
    },
  );
});
