import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { deadlineIn } from '../../../src/runs/deadline.js';

test('a deadline fires though the garbage was collected meanwhile, and only its combination is held', () => {
  const script = `
    const combined = AbortSignal.any([new AbortController().signal, deadlineIn(300).signal]);
    const ticking = setInterval(() => globalThis.gc(), 20);
    const late = setTimeout(() => { console.log('never'); process.exit(); }, 20_000);
    combined.addEventListener('abort', () => {
      console.log(combined.reason.name);
      clearInterval(ticking);
      clearTimeout(late);
    });`;
  const built = buildSync({
    stdin: {
      contents: `import { deadlineIn } from './src/runs/deadline.ts';${script}`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  const [file] = built.outputFiles;
  const printed = execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '-'], {
    input: file?.text ?? '',
    encoding: 'utf8',
  });
  expect(printed.trim()).toBe('TimeoutError');
});

test('one that was ended never fires', async () => {
  const deadline = deadlineIn(1);
  deadline.end();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(deadline.signal.aborted).toBe(false);
});
