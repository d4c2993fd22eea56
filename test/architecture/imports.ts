import { bareSource } from './source-text.js';

/** One import of a source file. */
export interface Import {
  /** Null when it is not a literal. */
  readonly specifier: string | null;
  /** `type`: gone at run time; `static`: loaded with the file; `dynamic`: loaded when reached. */
  readonly kind: 'type' | 'static' | 'dynamic';
  /** 1-based. */
  readonly line: number;
}

const NAMED = /\{[^{}]*\}/.source;
const NAMESPACE = /\*\s*as\s+[\w$]+/.source;
const WHAT = `(?:${NAMESPACE}|\\*|[\\w$]+|${NAMED})(?:\\s*,\\s*(?:${NAMESPACE}|${NAMED}))?`;
const TYPE = /(?<type>(?<=\s)type(?:\s+|(?=\{)))?/.source;
const SPECIFIER = /(?<quote>['"])(?<specifier>[^'"\n]+)\k<quote>/.source;
/** `import … from 'x'`, `export … from 'x'`, `import 'x'`. */
const STATIC = new RegExp(
  `(?<=^|[;}\\n])(?<space>\\s*)(?:import|export)\\s*(?:${TYPE}${WHAT}\\s*from\\s*)?${SPECIFIER}`,
  'g',
);
/** `import(…)` and `require(…)`. */
const CALL =
  /(?<![.\w$])(?<verb>import|require)\s*\(\s*(?:(?<quote>['"`])(?<specifier>[^'"`\n]*)\k<quote>\s*[,)])?/g;

/**
 * All imports of a TypeScript source: static, re-exports, dynamic, `require`, and `import('…').Type`. An import whose
 * every name is marked `type` one by one still loads the file (verbatimModuleSyntax), so only `import type` is a type.
 */
export function scanImports(source: string): readonly Import[] {
  const text = bareSource(source, { keepStrings: true });
  const code = bareSource(source, { keepStrings: false });
  const lineAt = (index: number): number => text.slice(0, index).split('\n').length;
  /** What looks like an import inside a string is none. */
  const isCode = (index: number): boolean => code[index] !== ' ';
  const found: Import[] = [];
  for (const match of text.matchAll(STATIC)) {
    const { space = '', type, specifier = '' } = match.groups ?? {};
    const at = match.index + space.length;
    if (isCode(at)) found.push({ specifier, kind: type === undefined ? 'static' : 'type', line: lineAt(at) });
  }
  for (const match of text.matchAll(CALL)) {
    const { verb, quote, specifier } = match.groups ?? {};
    if (!isCode(match.index)) continue;
    const isLiteral = specifier !== undefined && !(quote === '`' && specifier.includes('${'));
    const isType = isTypeReference(text, match.index, match.index + match[0].length);
    found.push({
      specifier: isLiteral ? specifier : null,
      kind: verb === 'require' ? 'static' : isType ? 'type' : 'dynamic',
      line: lineAt(match.index),
    });
  }
  return found.sort((one, other) => one.line - other.line);
}

/** `typeof import('x')`, or `import('x').Name` in a type: a capital name follows and nothing awaits it. */
function isTypeReference(text: string, from: number, to: number): boolean {
  if (/\btypeof\s+$/.test(text.slice(0, from))) return true;
  return /^\s*\.\s*[A-Z]/.test(text.slice(to)) && !/\bawait\s*\(*\s*$/.test(text.slice(0, from));
}
