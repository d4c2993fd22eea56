import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';

const repository = process.cwd();

/** Bundles a TypeScript program of `test/support/children/` so that plain node can run it; gives the script's path. */
export async function buildChildProgram(name: string): Promise<string> {
  const folder = join(repository, '.build/test-children');
  mkdirSync(folder, { recursive: true });
  const { outputFiles } = await build({
    entryPoints: [join(repository, 'test/support/children', `${name}.ts`)],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  });
  const [script] = outputFiles;
  const path = join(folder, `${name}-${script!.hash.replace(/\W/g, '')}.mjs`);
  // Test files run side by side: none may see a half-written script.
  writeFileSync(`${path}.${process.pid}`, script!.contents);
  renameSync(`${path}.${process.pid}`, path);
  return path;
}

/** A running child that answers on stdout line by line. */
export class Child {
  readonly process: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting: ((line: string) => void)[] = [];
  readonly #exited: Promise<unknown>;
  /** Its streams are read to their ends too. */
  readonly #closed: Promise<unknown>;

  constructor(script: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.process = spawn(process.execPath, [script, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    this.#exited = once(this.process, 'exit');
    this.#closed = once(this.process, 'close');
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#lines.push(line);
      else waiting(line);
    });
  }

  /** The next line that it prints; `exited` when none comes any more. */
  async line(): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return line;
    return await Promise.race([
      new Promise<string>((resolve) => this.#waiting.push(resolve)),
      this.#closed.then(() => 'exited'),
    ]);
  }

  say(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  async exited(): Promise<void> {
    await this.#exited;
  }

  async kill(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGKILL');
      await this.#exited;
    }
  }
}
