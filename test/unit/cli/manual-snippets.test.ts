import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { printedFile, printedFiles } from '../../support/readme-blocks.js';

/** Literal displays of the page that are files: the first line is `# /path`. */
const shown = [...readFileSync('man/autossl.8', 'utf8').matchAll(/^\.Bd -literal.*\n([\s\S]*?)^\.Ed$/gm)]
  .map(([, text = '']) => text.replaceAll('\\e', '\\'))
  .flatMap((text) => {
    const path = /^# (\/\S+)/.exec(text)?.[1];
    return path === undefined ? [] : [{ path, text }];
  });

describe('a file of a web server in autossl(8)', () => {
  test.each(shown)(
    '$path is as README.md prints it, which real servers are started with',
    ({ path, text }) => {
      expect(text).toBe(printedFile(path));
    },
  );

  test('is there for every one that README.md prints for TLS', () => {
    const wanted = printedFiles().filter(({ text: file }) => /ssl_certificate|SSLCertificateFile/.test(file));
    expect(wanted.length).toBeGreaterThan(2);
    expect(shown.map(({ path }) => path)).toEqual(expect.arrayContaining(wanted.map(({ path }) => path)));
  });
});
