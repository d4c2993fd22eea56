import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ACCOUNT_UID, isRoot } from './challenge-tree.js';

/** Program of the attacker: as the account, it swaps a folder and a link to `target` in the same place for ever. */
const SWAPPER = `
import fs from 'node:fs';
const [place, target, uid] = process.argv.slice(1);
if (uid !== '') { process.setgroups([]); process.setgid(Number(uid)); process.setuid(Number(uid)); }
const aside = place + '.aside';
const tryTo = (act) => { try { act(); } catch {} };
process.stdout.write('ready');
for (;;) {
  tryTo(() => fs.mkdirSync(place));
  tryTo(() => fs.renameSync(place, aside + Math.floor(Math.random() * 1e9)));
  tryTo(() => fs.symlinkSync(target, place));
  tryTo(() => fs.unlinkSync(place));
}
`;

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
