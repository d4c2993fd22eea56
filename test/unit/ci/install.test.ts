import { describe, expect, test } from '@jest/globals';
import { type AptAnswer, installPackages } from '../../../.ci/install.mjs';

const GOOD = 'Inst nginx-light (1.22 Debian:12)\nConf nginx-light (1.22 Debian:12)\n';
const UNKNOWN = 'E: Unable to locate package nginx-light\n';
const answer = (code: number, output = ''): AptAnswer => ({ code, output });

/** An apt that gives these answers in turn, and a record of what was asked of it and when daemons were held back. */
function anApt(...answers: readonly (readonly [words: RegExp, answer: AptAnswer])[]) {
  const left = [...answers];
  const asked: string[] = [];
  return {
    asked,
    left,
    apt: async (...words: readonly string[]): Promise<AptAnswer> => {
      const line = words.join(' ');
      asked.push(line);
      const [expected, given] = left.shift() ?? [];
      if (expected === undefined || given === undefined || !expected.test(line))
        throw new Error(`not expected: ${line}`);
      return given;
    },
    hold: async <Result>(work: () => Promise<Result>): Promise<Result> => {
      asked.push('(hold)');
      const result = await work();
      asked.push('(release)');
      return result;
    },
  };
}
const install = async (
  apt: ReturnType<typeof anApt>,
  ...packages: readonly string[]
): Promise<string | undefined> => installPackages(packages, apt.apt, () => undefined, apt.hold);

describe('packages are', () => {
  test('simulated, downloaded, and installed while daemons are held back', async () => {
    const apt = anApt(
      [/^-s install nginx-light$/, answer(0, GOOD)],
      [/^install --download-only nginx-light$/, answer(0)],
      [/^install --no-remove --no-download nginx-light$/, answer(0)],
    );
    expect(await install(apt, 'nginx-light')).toBeUndefined();
    expect(apt.asked.slice(2)).toEqual([
      '(hold)',
      'install --no-remove --no-download nginx-light',
      '(release)',
    ]);
  });

  test('not installed when anything would be removed', async () => {
    const apt = anApt([/^-s/, answer(0, `Remv exim4 [4.96]\n${GOOD}`)]);
    expect(await install(apt, 'nginx-light')).toBe('apt would remove exim4');
    expect(apt.asked).toHaveLength(1);
  });

  test('looked for in fresh lists, once, when the lists do not know them', async () => {
    const apt = anApt(
      [/^-s install/, answer(100, UNKNOWN)],
      [/^update$/, answer(0)],
      [/^-s install/, answer(0, GOOD)],
      [/--download-only/, answer(0)],
      [/--no-download/, answer(0)],
    );
    expect(await install(apt, 'nginx-light')).toBeUndefined();
    expect(apt.left).toEqual([]);
  });

  test('left out when fresh lists do not know them either, and the others are installed', async () => {
    const apt = anApt(
      [/^-s install nginx-light pebble$/, answer(100, UNKNOWN)],
      [/^update$/, answer(0)],
      [/^-s install nginx-light pebble$/, answer(100, UNKNOWN)],
      [/^-s install nginx-light$/, answer(0, GOOD)],
      [/^-s install pebble$/, answer(100, UNKNOWN)],
      [/^-s install nginx-light$/, answer(0, GOOD)],
      [/--download-only nginx-light$/, answer(0)],
      [/--no-download nginx-light$/, answer(0)],
    );
    expect(await install(apt, 'nginx-light', 'pebble')).toBeUndefined();
    expect(apt.left).toEqual([]);
  });

  test('judged again when fresh lists change what would be done', async () => {
    const apt = anApt(
      [/^-s install/, answer(0, GOOD)],
      [/--download-only/, answer(100, 'E: Failed to fetch … 404')],
      [/^update$/, answer(0)],
      [/^-s install/, answer(0, `Remv exim4 [4.96]\n${GOOD}`)],
    );
    expect(await install(apt, 'nginx-light')).toBe('apt would remove exim4');
  });

  test('not installed without network, and the reason is one line', async () => {
    const lost = 'Err:1 http://deb.example\nE: Failed to fetch http://deb.example  Could not resolve\nmore\n';
    const apt = anApt(
      [/^-s install/, answer(0, GOOD)],
      [/--download-only/, answer(100, lost)],
      [/^update$/, answer(100, lost)],
      [/^-s install/, answer(0, GOOD)],
      [/--download-only/, answer(100, lost)],
    );
    expect(await install(apt, 'nginx-light')).toBe(
      'download failed: Failed to fetch http://deb.example  Could not resolve',
    );
    expect(apt.asked).not.toContain('(hold)');
  });
});
