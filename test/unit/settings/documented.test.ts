import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { defaultSettings } from '../../../src/adapters/store/settings/default-settings.js';
import {
  type CheckedSettings,
  checkSettings,
  type SettingIssue,
} from '../../../src/adapters/store/settings/settings-schema.js';
import { printedBlocks } from '../../support/readme-blocks.js';

/** A key that no mapping has. */
const NO_KEY = 'zzz';
/** The one mapping below `providers`, and below `services`, stands for all. */
const PROVIDER = 'CustomACME';
const SERVICE = 'exim';
const OF_ALL_SERVICES = 'ipAddresses';

/** Every key that the schema knows, dotted, as it says itself when asked for one that it does not know. */
function knownKeys(at: readonly string[] = []): string[] {
  const asked = at.reduceRight<unknown>((inner, key) => ({ [key]: inner }), { [NO_KEY]: 1 });
  const [issue] = issuesOf(asked);
  if (at[0] === 'providers' && at.length === 1) return knownKeys([...at, PROVIDER]);
  if (at[0] === 'services' && at.length === 1)
    return [SERVICE, OF_ALL_SERVICES].flatMap((key) => knownKeys([...at, key]));
  if (issue === undefined || issue.expected !== null) return [at.join('.')];
  return issue.knownKeys.flatMap((key) => knownKeys([...at, key]));
}

function issuesOf(value: unknown): readonly SettingIssue[] {
  const result = checkSettings(value);
  return Array.isArray(result) ? result : [];
}

function leaves(value: unknown, at: readonly string[] = []): Map<string, unknown> {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isMapping ? Object.entries(value) : [];
  if (entries.length === 0) return new Map([[at.join('.'), value]]);
  return new Map(entries.flatMap(([key, inner]) => [...leaves(inner, [...at, key])]));
}

const KEYS = knownKeys().sort();
const printed: unknown = parse(
  printedBlocks().find(({ text }) => text.startsWith('# every key\n'))?.text ?? '',
);

describe('the settings as documented', () => {
  test('the schema is known to this test by more than a handful of keys', () => {
    expect(KEYS).toEqual(expect.arrayContaining(['http.port', 'preflight', `providers.${PROVIDER}.eabHmac`]));
  });

  test('README.md shows every key, and no other', () => {
    expect([...leaves(printed).keys()].sort()).toEqual(KEYS);
  });

  test('README.md shows values that are taken', () => {
    expect(issuesOf(printed)).toEqual([]);
  });

  test('a server without a file has what an empty file says', () => {
    expect(defaultSettings()).toEqual(checkSettings({}));
  });

  test('README.md shows the defaults where there are any', () => {
    const defaults = leaves(checkSettings({}) as CheckedSettings);
    const shown = leaves(printed);
    for (const [key, value] of defaults)
      if (shown.has(key)) expect([key, shown.get(key)]).toEqual([key, value]);
    expect([...defaults.keys()].filter((key) => shown.has(key)).length).toBeGreaterThan(10);
  });

  test('autossl(8) describes every key, and no other', () => {
    const page = readFileSync('man/autossl.8', 'utf8');
    const section = /^\.Sh SETTINGS$([\s\S]*?)^\.Sh /m.exec(page)?.[1] ?? '';
    const items = section.split('\n').filter((line) => line.startsWith('.It Cm '));
    const keys = items.flatMap((line) => line.replace('.It ', '').split(' , '));
    expect(
      keys
        .map((key) =>
          key.replace('Cm ', '').replace('.NAME.', `.${PROVIDER}.`).replace('.SERVICE.', `.${SERVICE}.`),
        )
        .sort(),
    ).toEqual(KEYS);
  });
});
