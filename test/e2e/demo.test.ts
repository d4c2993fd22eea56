import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runProgram } from '../demo/program.js';
import { printedBlocks } from '../support/readme-blocks.js';

interface Demo {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The folder that it names; empty when it names none. */
  readonly tree: string;
}

const trees: string[] = [];
afterAll(() => {
  for (const tree of trees) rmSync(tree, { recursive: true, force: true });
});

/** `npm run demo` as npm starts it, its output piped. */
function runDemo(environment: NodeJS.ProcessEnv = {}, lines = Number.POSITIVE_INFINITY): Promise<Demo> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['.ci/demo.mjs'], {
      env: { ...process.env, AUTOSSL_ROOT: '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.split('\n').length > lines) child.stdout.destroy();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (exitCode) => {
      const tree = /^tree: (.*)$/m.exec(stdout)?.[1] ?? '';
      if (tree.startsWith(join(tmpdir(), 'autossl-demo-'))) trees.push(tree);
      resolve({ exitCode, stdout, stderr, tree });
    });
  });
}

/** Processes that were started on this tree and are still there. */
function processesOn(tree: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`AUTOSSL_ROOT=${tree}\0`);
      } catch {
        return false;
      }
    });
}

describe('the demo', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await runDemo();
  });
  const lines = (): string[] => demo.stdout.split('\n');

  test('ends well, says nothing on stderr and fits on two screens', () => {
    expect(demo).toMatchObject({ exitCode: 0, stderr: '' });
    expect(lines().length).toBeLessThan(65);
  });

  test('names its tree, which says demo and is kept to look around in', () => {
    expect(demo.tree).toMatch(/\/autossl-demo-\w+$/);
    expect(lines().at(-2)).toBe(`tree: ${demo.tree}`);
    expect(existsSync(join(demo.tree, 'var/cpanel/ssl/apache_tls/alice.test/combined'))).toBe(true);
    expect(existsSync(/^Its log: (.*)$/m.exec(demo.stdout)?.[1] ?? '')).toBe(true);
  });

  test.each([
    ['new', 'alice.test', '6 names', 'a website with an alias domain'],
    ['new', 'alice-shop.alice.test', '5 names', 'an addon domain'],
    ['new', 'bob.test', '3 names', 'its alias gone.example is unknown in DNS: left out'],
    ['new', 'blog.bob.test', '2 names', 'a subdomain'],
    ['new', 'carol.test', '2 names', 'its owner excluded mail.carol.test'],
    ['replaced', 'old.carol.test', '2 names', 'was self-signed with a weak RSA key'],
    ['renewed', 'due.carol.test', '2 names', 'one of ours, inside its renewal window'],
    ['not looked at', 'dave.test', '', 'the account is suspended'],
    ['left alone', 'erin.test', '3 names', 'a healthy certificate bought elsewhere'],
    ['new', 'new.erin.test', '2 names', 'a new subdomain'],
  ])('%s: %s (%s): %s', (...words) => {
    const line = lines().find((text) => text.startsWith(`  ${words[0]}`) && text.includes(` ${words[1]} `));
    for (const word of words) expect(line).toContain(word);
  });

  test('is what README.md shows of it', () => {
    const shown = printedBlocks().find(({ text }) => text.startsWith('$ autossl_check'))?.text ?? '';
    const missing = shown.split('\n').filter((line) => !lines().includes(line));
    expect(missing).toEqual([]);
    expect(shown.length).toBeGreaterThan(1000);
  });

  test('proves the new certificates', () => {
    expect(demo.stdout).toMatch(/^8 new certificates, each verified by .* against the local root/m);
  });

  test('shows that the second run has nothing to do', () => {
    expect(demo.stdout).toMatch(
      /^9 websites of 5 users checked: nothing to do, 4 findings for the owners\.$/m,
    );
    expect(demo.stdout).toContain('The second run: nothing to do, no order placed.');
  });

  test('prints no colour into a pipe', () => {
    expect(demo.stdout).not.toContain('\u001b');
  });

  test('leaves no process', () => {
    expect(demo.tree).not.toBe('');
    expect(processesOn(demo.tree)).toEqual([]);
  });

  test('leaves a tree that can be worked on', async () => {
    const shown = await runProgram('bin/autossl', ['provider', 'show'], demo.tree);
    expect(shown).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('LocalCA (Local CA), active'),
    });
  });
});

describe('the demo on a machine without openssl', () => {
  test('says so and verifies by node', async () => {
    const demo = await runDemo({ PATH: '/nonexistent' });
    expect(demo).toMatchObject({ exitCode: 0, stderr: '' });
    expect(demo.stdout).toContain('verified by node alone against the local root (openssl is not installed)');
  });
});

describe('the demo in front of a reader who leaves', () => {
  test('ends without a word of complaint', async () => {
    expect(await runDemo({}, 3)).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
