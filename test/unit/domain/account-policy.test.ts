import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { hasAutosslFeature } from '../../../src/core/domain/account/autossl-feature.js';
import { NameOwnership, ownersByName } from '../../../src/core/domain/account/name-ownership.js';
import { chooseKeyType, isKeyType } from '../../../src/core/domain/key-type.js';
import { Secret } from '../../../src/core/domain/secret.js';
import { serviceLabels, serviceNamesPolicy } from '../../../src/core/domain/service/service-names.js';

const keys = (values: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(values));

describe('the autossl feature', () => {
  const off = keys({ autossl: '0' });
  const on = keys({ autossl: '1' });
  test.each([
    ['is on where there are no lists', undefined, undefined, undefined, true],
    ['is on when the list has no line', undefined, keys({ zoneedit: '0' }), undefined, true],
    ['is off when the list says so', undefined, off, undefined, false],
    ['is on by the override against the list', '1', off, undefined, true],
    ['is off by the override against the list', '0', on, undefined, false],
    ['follows the list when the override is neither 1 nor 0', 'x', off, undefined, false],
    ['is off for everybody in the list of disabled features, against every override', '1', on, off, false],
    ['is not touched by a list of disabled features without it', undefined, on, keys({}), true],
  ])('%s', (_, override, list, disabled, isOn) => {
    expect(hasAutosslFeature({ override, list, disabled })).toBe(isOn);
  });
});

describe('service names', () => {
  const five = ['cpanel', 'webmail', 'webdisk', 'cpcontacts', 'cpcalendars'];
  test.each([
    ['are off without cpanel.config', undefined, false, []],
    ['are on with an empty cpanel.config, but for autodiscover', keys({}), false, five],
    [
      'are off with proxysubdomains=0',
      keys({ proxysubdomains: '0', autodiscover_proxy_subdomains: '1' }),
      true,
      [],
    ],
    [
      'have autodiscover when it is switched on',
      keys({ autodiscover_proxy_subdomains: '1' }),
      false,
      [...five, 'autodiscover', 'autoconfig'],
    ],
    ['have whm for resellers', keys({}), true, [...five, 'whm']],
  ])('%s', (_, config, isReseller, labels) => {
    expect(serviceLabels(serviceNamesPolicy(config), isReseller)).toEqual(labels);
  });
});

describe('the key type', () => {
  test.each([
    ['follows the server when the account says system', 'system', 'rsa-4096', null],
    ['follows the server when the account says nothing', undefined, 'rsa-4096', null],
    ['follows the server when the account’s value is empty', '', 'rsa-4096', null],
    ['is the account’s own', 'ecdsa-prime256v1', 'ecdsa-prime256v1', null],
    ['follows the server when nobody knows the value, and says so', 'rsa-1024', 'rsa-4096', 'rsa-1024'],
    ['does not take a key of every object for a key type', 'constructor', 'rsa-4096', 'constructor'],
  ])('%s', (_, setting, keyType, unknown) => {
    expect(chooseKeyType(setting, 'rsa-4096')).toEqual({ keyType, unknown });
  });
  test('is one of the four documented ones', () => {
    expect(
      ['rsa-2048', 'rsa-4096', 'ecdsa-prime256v1', 'ecdsa-secp384r1', 'RSA-2048', ''].map(isKeyType),
    ).toEqual([true, true, true, true, false, false]);
  });
});

describe('whose a name is', () => {
  const isAccount = (name: string): boolean => name === 'alice' || name === 'bob';
  const listed = ownersByName(
    [
      ['*', 'nobody'],
      ['example.com', 'alice'],
      ['Shop.Example.com', 'bob'],
      ['gone.example', 'carol'],
      ['example.com', 'bob'],
      ['bücher.example', 'bob'],
      ['no name', 'bob'],
    ],
    isAccount,
  );
  test.each([
    ['the first account of a list', 'example.com', 'alice'],
    ['also when the list has capitals', 'shop.example.com', 'bob'],
    ['also when the list has an IDN', 'xn--bcher-kva.example', 'bob'],
    ['for mail. the account of the domain', 'mail.example.com', 'alice'],
    ['for a service name the account of the domain', 'autodiscover.example.com', 'alice'],
    ['for other names below a domain nobody', 'blog.example.com', undefined],
    ['nobody when the account is gone', 'gone.example', undefined],
  ])('%s', (_, name, owner) => {
    expect(new NameOwnership([listed]).ownerOf(name)).toBe(owner);
  });

  test('a name on no list goes to the first that claims it, with its mail.', () => {
    const ownership = new NameOwnership([listed]);
    expect(ownership.hasClaims).toBe(false);
    ownership.claim('new.example', 'alice');
    ownership.claim('new.example', 'bob');
    ownership.claim('mail.new.example', 'bob');
    ownership.claim('www.example.com', 'bob');
    expect(
      ['new.example', 'mail.new.example', 'www.example.com'].map((name) => ownership.ownerOf(name)),
    ).toEqual(['alice', 'alice', 'alice']);
    expect(ownership.hasClaims).toBe(true);
  });

  test('a second list counts only for what the first does not have', () => {
    const second = ownersByName(
      [
        ['example.com', 'bob'],
        ['b.example', 'bob'],
      ],
      isAccount,
      listed,
    );
    expect([...second]).toEqual([['b.example', 'bob']]);
    expect(new NameOwnership([listed, second]).ownerOf('www.b.example')).toBe('bob');
  });
});

describe('a secret', () => {
  const secret = new Secret('hunter2');
  test.each([
    ['as text', String(secret)],
    ['in a template', `${secret}`],
    ['as JSON', JSON.stringify({ secret })],
    ['inspected', inspect({ secret }, { showHidden: true, depth: 9 })],
    ['its own keys', Object.entries(secret).flat().join()],
  ])('does not show itself %s', (_, shown) => {
    expect(shown).not.toContain('hunter2');
  });
  test('is given to who reveals it', () => {
    expect(secret.reveal()).toBe('hunter2');
  });
});
