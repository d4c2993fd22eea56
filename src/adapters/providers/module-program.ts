import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AcmeProtocolError, ConfigurationError } from '../../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../../core/domain/name/names.js';
import { isTakenName } from '../../core/provider/registry.js';
import { runCommand } from '../system/exec.js';
import { distrustOfScript } from '../system/process/trusted-program.js';
import type { Tree } from '../system/tree.js';
import { MODULE_SOURCE } from './module-source.js';

/** A chain and what a talkative module prints. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** Of what a module says when it fails, so much reaches a message. */
const SHOWN_CHARACTERS = 300;
const MS_PER_SECOND = 1000;
const MARK_BYTES = 16;

/** The functions of a module, by the names that it exports them under. */
export type ModuleCall =
  | 'describe'
  | 'exportProperties'
  | 'reset'
  | 'order'
  | 'validate'
  | 'issue'
  | 'collect'
  | 'getVhostDcvErrors'
  | 'onStartCheck'
  | 'onFinishCheck'
  | 'onAccountRename'
  | 'onAccountTermination';

/**
 * A third party's provider as a program: an ES module of root's, each call in a process of its own that is ended when it takes
 * too long. Nothing that it does reaches further than its call.
 */
export class ModuleProgram {
  readonly name: string;
  readonly #path: string;
  readonly #timeoutMs: number;

  /** @param timeoutMs for one call */
  constructor(tree: Tree, name: string, timeoutMs: number) {
    this.name = name;
    this.#path = join(tree.providerModules(), `${name}.mjs`);
    this.#timeoutMs = timeoutMs;
    tree.assertInside(this.#path);
  }

  /** @throws ConfigurationError UNSAFE_FILE: not to be run as ourselves; UNKNOWN_PROVIDER: its name is taken */
  assertTrusted(): void {
    if (isTakenName(this.name)) {
      throw new ConfigurationError(
        'UNKNOWN_PROVIDER',
        `${quoteForMessage(this.#path)} has a name that is taken`,
      );
    }
    const distrust = distrustOfScript(this.#path);
    if (distrust === undefined) return;
    throw new ConfigurationError('UNSAFE_FILE', `the provider ${this.name} is not run: ${distrust}`, {
      advice: 'File and folders must be root’s, writable by nobody else, and no links.',
    });
  }

  /**
   * Calls one of its functions with one JSON value; `absent`: it has none of that name. @throws AcmeProtocolError TIMED_OUT,
   * UNREACHABLE (it threw, or ended), ABORTED; ConfigurationError UNSAFE_FILE
   */
  async call(
    call: ModuleCall,
    argument: unknown,
    signal?: AbortSignal,
  ): Promise<{ readonly state: 'absent' } | { readonly state: 'done'; readonly value: unknown }> {
    this.assertTrusted();
    signal?.throwIfAborted();
    const mark = randomBytes(MARK_BYTES).toString('hex');
    const result = await runCommand([process.execPath, '--input-type=module', '-e', MODULE_SOURCE], {
      timeoutMs: this.#timeoutMs,
      input: JSON.stringify({ path: this.#path, call, argument, mark }),
      cwd: '/',
      maxOutputBytes: MAX_OUTPUT_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    signal?.throwIfAborted();
    if (result.hasTimedOut) {
      throw this.failure('TIMED_OUT', call, `it took longer than ${this.#timeoutMs / MS_PER_SECOND} seconds`);
    }
    const line = result.stdout.split('\n').find((one) => one.startsWith(mark));
    if (line === undefined) {
      const how = result.startFault ?? result.signal ?? `code ${result.exitCode}`;
      throw this.failure('UNREACHABLE', call, `it ended without an answer (${how})`);
    }
    const answer = answerIn(line.slice(mark.length));
    if (answer === null) {
      throw this.failure(
        'BAD_ANSWER',
        call,
        `its answer is larger than ${MAX_OUTPUT_BYTES} bytes, or cut off`,
      );
    }
    if (answer.state === 'threw') throw this.failure('UNREACHABLE', call, answer.why);
    return answer;
  }

  /** The error of a call that failed. `why`: one clause, unescaped. */
  failure(
    code: 'TIMED_OUT' | 'UNREACHABLE' | 'BAD_ANSWER',
    call: ModuleCall,
    why: string,
  ): AcmeProtocolError {
    const shown = printable(why);
    const said = shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}…` : shown;
    return new AcmeProtocolError(code, `the provider ${this.name} failed in ${call}(): ${said}`);
  }
}

type ModuleAnswer =
  | { readonly state: 'absent' }
  | { readonly state: 'done'; readonly value: unknown }
  | { readonly state: 'threw'; readonly why: string };

/** Null: what came is not whole. */
function answerIn(text: string): ModuleAnswer | null {
  try {
    return JSON.parse(text) as ModuleAnswer;
  } catch {
    return null;
  }
}
