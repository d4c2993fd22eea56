import { readFileSync } from 'node:fs';

/** A file that the README prints: the first line of its block is `# /path` (and part of the file). */
export interface PrintedFile {
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

/** Every fenced block of README.md whose first line names a file, in order. */
export function printedFiles(): readonly PrintedFile[] {
  return printedBlocks().flatMap(({ language, text }) => {
    const path = /^# (\/\S+)/.exec(text)?.[1];
    return path === undefined ? [] : [{ path, language, text }];
  });
}

/** The file that the README prints under this path. @throws Error when it prints none */
export function printedFile(path: string): string {
  const found = printedFiles().find((file) => file.path === path);
  if (found === undefined) throw new Error(`README.md prints no ${path}`);
  return found.text;
}

/** Every fenced block of README.md, in order. */
export function printedBlocks(): readonly PrintedBlock[] {
  return blocksIn(readFileSync('README.md', 'utf8'));
}

/** Those of the section under this heading, without the sections below it. @throws Error when there is none */
export function printedSection(heading: string): readonly PrintedBlock[] {
  const readme = readFileSync('README.md', 'utf8');
  const [, rest] = readme.split(`\n${heading}\n`);
  if (rest === undefined) throw new Error(`README.md has no “${heading}”`);
  return blocksIn(rest.split(/^#{2,4} /m)[0] ?? '');
}

/** The two sides of a printed change, and the file that it changes. */
export interface PrintedChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** @throws Error for a text that does not begin with `--- /path` */
export function changeIn(diff: string): PrintedChange {
  const path = /^--- (\/\S+)\n/.exec(diff)?.[1];
  if (path === undefined) throw new Error('the change names no file');
  const lines = diff.split('\n').slice(1);
  const side = (sign: string): string =>
    lines
      .filter((line) => line.startsWith(' ') || line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  return { path, before: side('-'), after: side('+') };
}

export interface PrintedBlock {
  readonly language: string;
  readonly text: string;
}

function blocksIn(text: string): readonly PrintedBlock[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}
