import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ACCOUNT_UID, isRoot } from './challenge-tree.js';

/**
 * Program of the attacker: as the account, it swaps a folder and a link to `target` in the same place for ever. What it put
 * aside it takes away, unless something was written there: a hundred thousand folders would only cost the test its time.
 */
const SWAPPER = `
import fs from 'node:fs';
const [place, target, uid] = process.argv.slice(1);
if (uid !== '') { process.setgroups([]); process.setgid(Number(uid)); process.setuid(Number(uid)); }
let asides = 0;
const tryTo = (act) => { try { act(); } catch {} };
process.stdout.write('ready');
for (;;) {
  tryTo(() => fs.mkdirSync(place));
  const aside = place + '.aside' + asides;
  tryTo(() => fs.renameSync(place, aside));
  tryTo(() => fs.symlinkSync(target, place));
  tryTo(() => fs.unlinkSync(place));
  try { fs.rmdirSync(aside); } catch { asides += 1; }
}
`;

/** As the account, it tries to read files for ever, and tells at its end which it could. */
const READER = `
import fs from 'node:fs';
const [uid, ...paths] = process.argv.slice(1);
if (uid !== '') { process.setgroups([]); process.setgid(Number(uid)); process.setuid(Number(uid)); }
const read = new Set();
process.stdin.on('end', () => { process.stdout.write(JSON.stringify([...read])); process.exit(0); }).resume();
process.stdout.write('[]\\n');
const look = () => {
  for (const path of paths) { try { fs.readFileSync(path); read.add(path); } catch {} }
  setTimeout(look, 1);
};
look();
`;

/** Starts trying to read the files as the account; `stop` gives those that could be read at any time. */
export async function startReading(paths: readonly string[]): Promise<{ stop: () => Promise<string[]> }> {
  const uid = isRoot ? String(ACCOUNT_UID) : '';
  const child = spawn(process.execPath, ['--input-type=module', '-e', READER, uid, ...paths], {
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    stop: async () => {
      const told = once(child.stdout, 'data');
      child.stdin.end();
      const [text] = (await told) as [Buffer];
      await once(child, 'exit');
      return JSON.parse(text.toString());
    },
  };
}

/** Starts swapping `place` with a link to `target`; resolves when it runs. Stop it with `stop`. */
export async function startSwapping(place: string, target: string): Promise<{ stop: () => Promise<void> }> {
  const uid = isRoot ? String(ACCOUNT_UID) : '';
  const child: ChildProcess = spawn(
    process.execPath,
    ['--input-type=module', '-e', SWAPPER, place, target, uid],
    { cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (child.stdout !== null) await once(child.stdout, 'data');
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
