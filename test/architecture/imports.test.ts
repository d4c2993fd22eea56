import { describe, expect, test } from '@jest/globals';
import { scanImports } from './imports.js';

const importsOf = (source: string): string[] =>
  scanImports(source).map(({ kind, specifier, line }) => `${line} ${kind} ${specifier}`);

describe('scanImports finds', () => {
  test.each([
    ['a named import', `import { a } from './a.js';`, ['1 static ./a.js']],
    ['a default and a named import', `import a, { b } from './a.js';`, ['1 static ./a.js']],
    ['a namespace import', `import * as a from "./a.js"`, ['1 static ./a.js']],
    ['a default and a namespace import', `import a, * as b from './a.js'`, ['1 static ./a.js']],
    ['an import for its effect', `import 'reflect-metadata';`, ['1 static reflect-metadata']],
    ['an import of several lines', `import {\n  a,\n  type B,\n} from './a.js';`, ['1 static ./a.js']],
    [
      'two imports on a line',
      `import a from './a.js';import b from './b.js'`,
      ['1 static ./a.js', '1 static ./b.js'],
    ],
    ['a type import', `import type { A } from './a.js';`, ['1 type ./a.js']],
    ['a type import without blanks', `import type{A}from'./a.js';`, ['1 type ./a.js']],
    ['a default type import', `import type A from './a.js';`, ['1 type ./a.js']],
    ['a default import that is called type', `import type from './a.js';`, ['1 static ./a.js']],
    [
      'names marked type one by one, which still load',
      `import { type A } from './a.js';`,
      ['1 static ./a.js'],
    ],
    ['a re-export', `export { a } from './a.js';`, ['1 static ./a.js']],
    [
      'a re-export of all',
      `export * from './a.js';\nexport * as b from './b.js';`,
      ['1 static ./a.js', '2 static ./b.js'],
    ],
    ['a type re-export', `export type { A } from './a.js';`, ['1 type ./a.js']],
    ['an import with attributes', `import a from './a.json' with { type: 'json' };`, ['1 static ./a.json']],
    ['a dynamic import', `const a = await import('./a.js');`, ['1 dynamic ./a.js']],
    ['a dynamic import of a class', `new (await import('./a.js')).A();`, ['1 dynamic ./a.js']],
    ['a dynamic import in a template', `\`\${await import('./a.js')}\``, ['1 dynamic ./a.js']],
    ['a dynamic import of several lines', `import(\n  './a.js',\n)`, ['1 dynamic ./a.js']],
    ['a dynamic import of a computed name', `import(name)`, ['1 dynamic null']],
    ['a dynamic import of a template with a value', `import(\`./\${name}.js\`)`, ['1 dynamic null']],
    ['a type taken by import()', `let a: import('./a.js').A;`, ['1 type ./a.js']],
    ['the type of a whole module', `let a: typeof import('./a.js');`, ['1 type ./a.js']],
    ['a require', `const a = require('a');`, ['1 static a']],
    [
      'an import after an interface',
      `export interface A { b: 'c' }\nimport { d } from './d.js';`,
      ['2 static ./d.js'],
    ],
    ['an import after a regular expression with quotes', `const r = /['"]/;\nimport 'a';`, ['2 static a']],
    ['an import after a division', `const r = 4 / 2; const s = "/";\nimport 'a';`, ['2 static a']],
  ])('%s', (_, source, expected) => {
    expect(importsOf(source)).toEqual(expected);
  });
});

describe('scanImports does not take for an import', () => {
  test.each([
    ['a line comment', `// import a from './a.js';`],
    ['a block comment', `/*\nimport a from './a.js';\n*/`],
    ['a string', `const a = "import('./a.js')";`],
    ['a template', '`\nimport a from "./a.js";\n`'],
    ['an exported constant', `export const a = './a.js';`],
    ['a method called import', `this.import('./a.js'); $require('./a.js');`],
    ['import.meta', `const here = import.meta.url;`],
    ['an escaped quote', `const a = 'it\\'s import("./a.js")';`],
  ])('%s', (_, source) => {
    expect(importsOf(source)).toEqual([]);
  });
});
