import { spawnSync } from 'node:child_process';
import { copyFileSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OUTSIDE, pick, type Spoil } from './spoil.js';

/** Names that no program of ours gives, and that anything may meet which reads a folder. */
const ODD_NAMES: readonly (string | Buffer)[] = [
  Buffer.from([0x66, 0xff, 0xfe]),
  Buffer.from([0x61, 0xc3, 0x28, 0x2e, 0x6a, 0x73, 0x6f, 0x6e]),
  'new\nline.json',
  'new\nline',
  '\u001b[2J\u0007.json',
  '\u202egnp.test',
  ' ',
  ' .json',
  '-rf',
  '--all.json',
  '...',
  '.hidden.json',
  '$(x).json',
  '%s%n.json',
  '*',
  '__proto__',
  '__proto__.json',
  'constructor.json',
  'toString',
  '.json',
  '.autossl-tmp-1-0123456789abcdef',
  'x.damaged',
  'x.former',
  'a'.repeat(255),
  `${'a'.repeat(250)}.json`,
  'ünïcödé.test',
  'SITE0.SPOILT.TEST',
  'site0.spoilt.test.',
  'nobody.json',
  'run.lock',
];
const MANY = 3000;
/** Deeper than a path may be long. */
const TOO_DEEP = 'deeper/'.repeat(500);

/** Something with an odd name lies beside, or in the folder. */
export const oddName: Spoil = (path, chance, { root }) => {
  const isFolder = lstatSync(path).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const name = pick(ODD_NAMES, chance);
  const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]);
  try {
    const kind = chance();
    if (kind < 0.3) mkdirSync(odd);
    else if (kind < 0.5) symlinkSync(join(root, '..', OUTSIDE, 'folder/file.json'), odd);
    else if (lstatSync(path).isFile()) copyFileSync(path, odd);
    else writeFileSync(odd, '{"schemaVersion":1}');
  } catch {
    // It lies there already, or the folder is unchangeable.
  }
  return `with ${JSON.stringify(String(name)).slice(0, 40)}`;
};

/** The folder holds folders without end, or thousands of files. */
export const tooMuch: Spoil = (path, chance) => {
  const folder = lstatSync(path).isDirectory() ? path : dirname(path);
  if (chance() < 0.5) {
    spawnSync('mkdir', ['-p', TOO_DEEP], { cwd: folder, stdio: 'ignore' });
    return 'too deep';
  }
  for (let index = 0; index < MANY; index += 1) {
    try {
      writeFileSync(join(folder, `${index}.json`), '{');
    } catch {
      break;
    }
  }
  return 'too many';
};
