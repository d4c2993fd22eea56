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
export function printedBlocks(): readonly { readonly language: string; readonly text: string }[] {
  const readme = readFileSync('README.md', 'utf8');
  return [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}
