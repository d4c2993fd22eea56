import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  acceptTerms,
  readAutosslJson,
  selectProvider,
  setMetadata,
  updateAutosslJson,
} from '../../../src/adapters/store/choices/autossl-json.js';
import { openExclusions } from '../../../src/adapters/store/choices/exclusions.js';
import {
  readActiveProvider,
  saveProviderChoice,
} from '../../../src/adapters/store/choices/provider-choice.js';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { ConfigurationError } from '../../../src/core/domain/autossl-error.js';
import { METADATA_DEFAULTS } from '../../../src/core/domain/metadata-key.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

let built: BuiltTree;
afterEach(() => built.cleanUp());

const PATH = '/var/cpanel/autossl.json';
const withJson = (text: string, mode = 0o600): BuiltTree => {
  built = aTree().file(PATH, text, mode).build();
  return built;
};
const text = (): string => readFileSync(built.path(PATH), 'utf8');

describe('autossl.json', () => {
  test('of a fresh server is disabled, tells everything and replaces nothing foreign', () => {
    built = aTree().build();
    const configuration = readAutosslJson(built.tree);
    expect(configuration.provider).toBeNull();
    expect(configuration.metadata).toEqual(METADATA_DEFAULTS);
    expect(METADATA_DEFAULTS.size).toBe(13);
    expect([...METADATA_DEFAULTS].filter(([, value]) => !value)).toEqual([
      ['clobber_externally_signed', false],
    ]);
  });

  test('is read in the documented shape', () => {
    withJson(
      '{"_schema_version":1,"provider":"LetsEncrypt","provider_properties":{"LetsEncrypt":{"terms_of_service_accepted":"https://le.example/v1.pdf"},"X":{}},"metadata":{"clobber_externally_signed":"1","notify_autossl_expiry":0}}',
    );
    const configuration = readAutosslJson(built.tree);
    expect(configuration.provider).toBe('LetsEncrypt');
    expect([...configuration.acceptedTerms]).toEqual([['LetsEncrypt', 'https://le.example/v1.pdf']]);
    expect(configuration.metadata.get('clobber_externally_signed')).toBe(true);
    expect(configuration.metadata.get('notify_autossl_expiry')).toBe(false);
    expect(configuration.metadata.get('notify_autossl_expiry_user')).toBe(true);
  });

  test('a mark that an editor put before the first character is passed over', () => {
    withJson('\uFEFF{"provider":"LetsEncrypt"}');
    expect(readAutosslJson(built.tree).provider).toBe('LetsEncrypt');
    expect(readActiveProvider(built.tree)).toEqual({ state: 'chosen', name: 'LetsEncrypt' });
  });

  test.each([
    ['no JSON', '{"provider":', 'is not valid JSON'],
    ['a list', '[]', 'does not hold a JSON object'],
    ['a provider that is a number', '{"provider":1}', 'provider must be a name or null'],
    ['metadata that is a list', '{"metadata":[]}', 'metadata must be an object'],
    [
      'a flag that is neither',
      '{"metadata":{"clobber_externally_signed":"yes"}}',
      'metadata.clobber_externally_signed must be 0 or 1',
    ],
  ])('with %s is refused in one clear line', (_, json, sentence) => {
    withJson(json);
    expect(() => readAutosslJson(built.tree)).toThrow(ConfigurationError);
    expect(() => readAutosslJson(built.tree)).toThrow(sentence);
  });

  test('keeps unknown keys, their order, and its mode when it is changed', async () => {
    withJson('{"zebra":[1],"provider":null,"metadata":{"future":"1"},"__proto__":{"a":1},"apple":2}', 0o644);
    await updateAutosslJson(built.tree, (json) => {
      selectProvider(json, 'LocalCA');
      acceptTerms(json, 'LocalCA', 'urn:none');
      setMetadata(json, 'clobber_externally_signed', true);
    });
    expect(text()).toBe(
      '{"zebra":[1],"provider":"LocalCA","metadata":{"future":"1","clobber_externally_signed":"1"},"__proto__":{"a":1},"apple":2,"_schema_version":1,"provider_properties":{"LocalCA":{"terms_of_service_accepted":"urn:none"}}}\n',
    );
    expect(statSync(built.path(PATH)).mode & 0o777).toBe(0o644);
    expect(readAutosslJson(built.tree).acceptedTerms.get('LocalCA')).toBe('urn:none');
  });

  /** Of keys that are not ours, as other programs write them: JavaScript would round, sign or shorten these. */
  const ODD = '12345678901234567890, 1e400, 1.0, -0, 1E5, {"n":[ 1.00 ,"\\u0041\\/"]}';

  test('keeps what is not ours letter by letter, beside and below what is changed', async () => {
    const odd = (name: string): string => `"${name}": [${ODD}]`;
    withJson(
      `{\n  ${odd('a')},\n  "10": 1.0, "2": 2.0,\n  "metadata": {${odd('b')}},\n  "provider_properties": {"X": {${odd('c')}}}\n}\n`,
    );
    const before = text();
    await updateAutosslJson(built.tree, (json) => {
      setMetadata(json, 'notify_autossl_expiry', false);
      acceptTerms(json, 'X', 'u');
    });
    expect(text()).toBe(
      before
        .replace(`${odd('b')}}`, `${odd('b')},"notify_autossl_expiry": "0"}`)
        .replace(`${odd('c')}}`, `${odd('c')},"terms_of_service_accepted": "u"}`),
    );
  });

  test('of which a provider is chosen keeps what is not ours letter by letter', async () => {
    withJson(`{"a":[${ODD}],"provider_properties":{"LocalCA":{"x":[${ODD}]}}}`);
    const said = {
      acceptedTermsUrl: null,
      directoryUrl: null,
      profile: null,
      caBundlePath: null,
      eabKeyId: 'k',
      eabHmacPath: null,
    };
    await saveProviderChoice(built.tree, { name: 'LocalCA', ...said, properties: {} }, { isSelected: true });
    expect(text()).toBe(
      `{"a":[${ODD}],"provider_properties":{"LocalCA":{"x":[${ODD}],"eab_kid":"k"}},"_schema_version":1,"provider":"LocalCA"}\n`,
    );
  });

  test.each([
    [
      'a key that stands twice',
      '{"provider":"A","provider":"B"}',
      'has the key “provider” twice in one object',
    ],
    ['a key that stands twice below', '{"x":{"a":1,"\\u0061":2}}', 'has the key “a” twice in one object'],
    [
      'lists in lists in lists',
      `{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      'nested deeper than 200 levels',
    ],
    ['a provider that is a number', '{"provider":5}', 'provider must be a name or null'],
    ['an option that is neither', '{"metadata":{"notify_autossl_expiry":"x"}}', 'must be 0 or 1'],
    ['properties that are none', '{"provider_properties":5}', 'provider_properties must be an object'],
  ])('with %s is neither read nor rewritten', async (_, json, why) => {
    withJson(json);
    expect(() => readAutosslJson(built.tree)).toThrow(why);
    await expect(
      updateAutosslJson(built.tree, (object) => setMetadata(object, 'notify_autossl_expiry', true)),
    ).rejects.toThrow(why);
    expect(text()).toBe(json);
  });

  test('is made for root alone when there is none', async () => {
    built = aTree().build();
    await updateAutosslJson(built.tree, (json) => selectProvider(json, null));
    expect(JSON.parse(text())).toEqual({ _schema_version: 1, provider: null });
    expect(statSync(built.path(PATH)).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['that is no JSON', 'not json at all'],
    ['whose section is no object', '{"provider_properties":"x"}'],
  ])('%s is never overwritten', async (_, json) => {
    withJson(json);
    await expect(updateAutosslJson(built.tree, (object) => acceptTerms(object, 'X', 'u'))).rejects.toThrow(
      ConfigurationError,
    );
    expect(text()).toBe(json);
  });

  test('a provider called like a key of every object is an ordinary one', async () => {
    built = aTree().build();
    await updateAutosslJson(built.tree, (json) => acceptTerms(json, '__proto__', 'u'));
    expect(text()).toContain('"__proto__":{"terms_of_service_accepted":"u"}');
    expect(({} as Record<string, unknown>)['terms_of_service_accepted']).toBeUndefined();
  });

  test('a change made meanwhile by another is not lost', async () => {
    withJson('{"a":1}');
    let calls = 0;
    await updateAutosslJson(built.tree, (json) => {
      if (calls++ === 0) writeFileSync(built.path(PATH), '{"a":1,"other":2}');
      json['b'] = 3;
    });
    expect(JSON.parse(text())).toEqual({ a: 1, other: 2, b: 3 });
    expect(readdirSync(built.path('/var/cpanel')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('one that keeps changing is given up', async () => {
    withJson('{}');
    let calls = 0;
    const update = updateAutosslJson(built.tree, () => writeFileSync(built.path(PATH), `{"n":${calls++}}`));
    await expect(update).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(calls).toBe(3);
  });
});

describe('exclusions', () => {
  const alice = parseAccountName('alice');
  const file = '/var/cpanel/ssl/autossl/excludes/alice.json';

  test('are none without a file', () => {
    built = aTree().build();
    expect(openExclusions(built.tree).of(alice)).toEqual(new Set());
  });

  test.each([
    [
      'names in their normal form',
      '{"excluded_domains":["WWW.Example.com.","bücher.example","*.x.example"]}',
      ['www.example.com', 'xn--bcher-kva.example', '*.x.example'],
    ],
    ['without texts that are no names', '{"excluded_domains":["a b","../x","ok.example"]}', ['ok.example']],
    ['none when the list is absent', '{}', []],
  ])('are %s', (_, json, names) => {
    built = aTree().file(file, json).build();
    expect([...openExclusions(built.tree).of(alice)]).toEqual(names);
  });

  test.each(['', '[]', '{"excluded_domains":{}}', '{"excluded_domains":[1]}', 'null'])(
    'cannot be known from %j, which is said',
    (json) => {
      built = aTree().file(file, json).build();
      expect(() => openExclusions(built.tree).of(alice)).toThrow(ConfigurationError);
    },
  );

  const AT = new Date('2026-11-22T10:00:00Z');
  const LATER = new Date('2026-11-23T10:00:00Z');
  const setTo =
    (...names: string[]) =>
    () =>
      names.map(parseHostName);

  test('are written in the documented shape; what else the file held stays', async () => {
    built = aTree().file(file, '{"note":"kept","excluded_domains":["old.example"]}', 0o644).build();
    const exclusions = openExclusions(built.tree);
    await exclusions.change(alice, 'root', AT, setTo('b.example', 'a.example', 'b.example'));
    expect(JSON.parse(readFileSync(built.path(file), 'utf8'))).toMatchObject({
      note: 'kept',
      excluded_domains: ['a.example', 'b.example'],
    });
    expect([...exclusions.of(alice)]).toEqual(['a.example', 'b.example']);
  });

  test('keep what else the file held letter by letter', async () => {
    built = aTree()
      .file(file, '{ "n": [1e400, 1.0, -0], "excluded_domains": ["old.example"] }', 0o600)
      .build();
    await openExclusions(built.tree).change(alice, 'root', AT, setTo('old.example', 'a.example'));
    expect(readFileSync(built.path(file), 'utf8')).toMatch(
      /^\{ "n": \[1e400, 1\.0, -0\], "excluded_domains": \[/,
    );
    await openExclusions(built.tree).change(alice, 'root', AT, setTo());
    expect(readFileSync(built.path(file), 'utf8')).toBe(
      '{ "n": [1e400, 1.0, -0], "excluded_domains": [], "autossl_origins": {} }\n',
    );
  });

  test('keep who excluded a name first and when; of a list that others wrote nobody knows', async () => {
    built = aTree().file(file, '{"excluded_domains":["old.example"]}').build();
    const exclusions = openExclusions(built.tree);
    const [a, b] = ['a.example', 'b.example'].map(parseHostName);
    if (a === undefined || b === undefined) throw new Error('names');
    await exclusions.change(alice, 'root', AT, (present) => [...present, a]);
    const after = await exclusions.change(alice, 'alice', LATER, (present) => [...present, a, b]);
    expect(after).toEqual([
      { name: 'a.example', by: 'root', at: AT.toISOString() },
      { name: 'b.example', by: 'alice', at: LATER.toISOString() },
      { name: 'old.example', by: null, at: null },
    ]);
    expect(await exclusions.list(alice)).toEqual(after);
    await exclusions.change(alice, 'root', LATER, setTo('b.example'));
    expect(await exclusions.list(alice)).toEqual([
      { name: 'b.example', by: 'alice', at: LATER.toISOString() },
    ]);
  });

  test('changed by many at once lose nothing', async () => {
    built = aTree().build();
    const exclusions = openExclusions(built.tree);
    const names = Array.from({ length: 20 }, (_, index) => parseHostName(`n${index}.example`));
    await Promise.all(
      names.map((name) => exclusions.change(alice, 'root', AT, (present) => [...present, name])),
    );
    expect([...exclusions.of(alice)].sort()).toEqual([...names].sort());
  });

  test('are written where there was nothing, for root alone', async () => {
    built = aTree().build();
    expect(existsSync(built.path('/var/cpanel/ssl'))).toBe(false);
    await openExclusions(built.tree).change(alice, 'root', AT, setTo('a.example'));
    expect(statSync(built.path(file)).mode & 0o777).toBe(0o600);
    expect(statSync(built.path('/var/cpanel/ssl/autossl/excludes')).mode & 0o777).toBe(0o700);
  });

  test('that cannot be understood are not overwritten', async () => {
    built = aTree().file(file, '{').build();
    chmodSync(built.path(file), 0o600);
    await expect(openExclusions(built.tree).change(alice, 'root', AT, setTo())).rejects.toThrow(
      ConfigurationError,
    );
    expect(readFileSync(built.path(file), 'utf8')).toBe('{');
  });
});
