import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { PlacementFault } from '../../core/dcv/outcome.js';
import { printable } from '../../core/domain/name/names.js';
import { ACCOUNT_HELPER_SOURCE } from './account-helper-source.js';
import type { AccountIdentity } from './account-identity.js';

/** What the helper is asked to do; paths are real ones (below the tree's root). */
export type HelperRequest =
  | {
      readonly op: 'place';
      readonly documentRoot: string;
      readonly token: string;
      readonly content: string;
      /** A CA comes for it, also after our death. */
      readonly isForCa: boolean;
    }
  | {
      readonly op: 'clean';
      readonly documentRoot: string;
      readonly token: string;
      /** By the journal, for a helper that did not place it itself: which empty folders were made for it. Null = not known. */
      readonly placedAtMs: number | null;
    };

export type HelperAnswer = { readonly ok: true } | ({ readonly ok: false } & PlacementFault);

/** For one request, in ms: a folder on a slow network file system is still in time, a hanging one is not. */
const REQUEST_TIMEOUT_MS = 10_000;
/** All that a helper may say before it is asked again, in characters. */
const MAX_OUTPUT = 8 * 1024;
const MAX_WHY = 200;
/** Heap of a helper in MiB: it holds a few lines. */
const HEAP_MIB = 32;

export interface HelperOptions {
  /** For one request, in ms. */
  readonly timeoutMs?: number;
  /** The program; another one in tests of what this side makes of a helper that lies. */
  readonly source?: string;
}

interface Waiting {
  readonly id: number;
  readonly resolve: (answer: HelperAnswer) => void;
}

/**
 * One process that has become an account and writes in its document roots (design 5.10). It starts as root, gives root
 * up before it looks at anything of the customer's, and is not believed: only whether it says yes, and a short reason.
 * A request that is not answered in time kills it.
 */
export class AccountHelper {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #timeoutMs: number;
  #waiting: Waiting | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #output = '';
  #end: string | undefined;

  private constructor(options: HelperOptions) {
    this.#timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
    const source = options.source ?? ACCOUNT_HELPER_SOURCE;
    // Its own session: Ctrl-C at the terminal reaches us alone, and we take the files away. Environment empty.
    this.#child = spawn(
      process.execPath,
      [`--max-old-space-size=${HEAP_MIB}`, '--input-type=module', '-e', source],
      { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'ignore'], detached: true },
    );
    // A run that forgets to close must still come to its end; while a request waits, its timer keeps us alive.
    this.#child.unref();
    for (const stream of [this.#child.stdin, this.#child.stdout]) (stream as Socket).unref();
    this.#child.on('error', (error: NodeJS.ErrnoException) => this.#stop(`did not start (${error.code})`));
    this.#child.on('exit', () => this.#stop('ended'));
    // It is over either way, and which of the two shows first is chance.
    this.#child.stdin.on('error', () => this.#stop('ended'));
    this.#child.stdout.setEncoding('utf8');
    this.#child.stdout.on('data', (part: string) => this.#read(part));
  }

  /** The helper that became the account, or why it could not. `base` is the tree's root. */
  static async start(
    identity: AccountIdentity,
    base: string,
    options: HelperOptions = {},
  ): Promise<AccountHelper | PlacementFault> {
    const helper = new AccountHelper(options);
    const { uid, gid, home } = identity;
    const answer = await helper.#ask(0, { uid, gid, home, base });
    if (answer.ok) return helper;
    helper.kill();
    // Nothing of the customer's was looked at yet.
    return { why: answer.why, fault: 'ours' };
  }

  /** False when it ended or was killed: start another one. */
  get isAlive(): boolean {
    return this.#end === undefined;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** One at a time, in order. Never rejects. */
  request(request: HelperRequest): Promise<HelperAnswer> {
    const id = this.#nextId++;
    const answer = this.#turn.then(() => this.#ask(id, { id, ...request }));
    this.#turn = answer;
    return answer;
  }

  /** Ends it when it has done what it was asked; its files stay, for a CA that has yet to fetch them. */
  async leave(): Promise<void> {
    await this.#turn;
    if (!this.isAlive) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.kill(), this.#timeoutMs);
      this.#child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#child.stdin.end('{"op":"leave"}\n');
    });
  }

  kill(): void {
    this.#stop('was ended');
  }

  #ask(id: number, message: object): Promise<HelperAnswer> {
    if (this.#end !== undefined) return Promise.resolve(this.#fault());
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#stop('did not answer in time'), this.#timeoutMs);
      this.#waiting = {
        id,
        resolve: (answer) => {
          clearTimeout(timer);
          this.#waiting = undefined;
          this.#output = '';
          resolve(answer);
        },
      };
      this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    });
  }

  #read(part: string): void {
    this.#output += part;
    if (this.#output.length > MAX_OUTPUT) this.#stop('said too much');
    const end = this.#output.indexOf('\n');
    if (end < 0) return;
    const answer = parseAnswer(this.#output.slice(0, end));
    if (answer !== undefined && answer.id === this.#waiting?.id) this.#waiting.resolve(answer.said);
    else this.#stop('answered out of turn');
  }

  #stop(end: string): void {
    if (this.#end === undefined) {
      this.#end = end;
      this.#child.kill('SIGKILL');
    }
    this.#waiting?.resolve(this.#fault());
  }

  /** A process of the account can be stopped by the account, as can what it waits for. */
  #fault(): HelperAnswer {
    return { ok: false, why: `the helper process of the account ${this.#end}`, fault: 'owner' };
  }
}

function parseAnswer(line: string): { id: number; said: HelperAnswer } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, ok, why, fault } = value as Record<string, unknown>;
  if (typeof id !== 'number') return undefined;
  if (ok === true) return { id, said: { ok: true } };
  const text = typeof why === 'string' ? printable(why.slice(0, MAX_WHY)) : 'no reason given';
  return { id, said: { ok: false, why: text, fault: fault === 'ours' ? 'ours' : 'owner' } };
}
