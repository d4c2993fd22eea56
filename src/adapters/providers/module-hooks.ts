import { join } from 'node:path';
import type { AccountName } from '../../core/domain/account/account-name.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import type { ServerCheck } from '../../core/plan/install/install-liveness.js';
import type { KnownAccount } from '../../core/provider/account-changes.js';
import { parseDcvErrors } from '../../core/provider/module-answer.js';
import type { ProviderHooks } from '../../runs/ports/authority.js';
import { ensureFolder, readTextFile, writeFileAtomically } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';
import type { ModuleCall, ModuleProgram } from './module-program.js';

const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
/** A hundred thousand accounts. */
const MOST_BYTES = 16 * 1024 * 1024;

/** What a third party's module wants to be told, and asked: each a call of its own, none where it has no such function. */
export class ModuleHooks implements ProviderHooks {
  readonly #program: ModuleProgram;
  readonly #tree: Tree;
  readonly #properties: Readonly<Record<string, string>>;
  /** Functions that it turned out not to have. */
  readonly #absent = new Set<ModuleCall>();

  constructor(program: ModuleProgram, tree: Tree, properties: Readonly<Record<string, string>>) {
    this.#program = program;
    this.#tree = tree;
    this.#properties = properties;
  }

  startCheck(user: AccountName | null): Promise<ServerCheck> {
    return this.#tell('onStartCheck', { username: user });
  }

  finishCheck(user: AccountName | null): Promise<ServerCheck> {
    return this.#tell('onFinishCheck', { username: user });
  }

  accountRenamed(former: string, present: string): Promise<ServerCheck> {
    return this.#tell('onAccountRename', { formerUsername: former, username: present });
  }

  accountTerminated(former: string): Promise<ServerCheck> {
    return this.#tell('onAccountTermination', { formerUsername: former });
  }

  async dcvErrors(
    account: AccountName,
    names: Parameters<ProviderHooks['dcvErrors']>[1],
  ): ReturnType<ProviderHooks['dcvErrors']> {
    const asked = await this.#ask('getVhostDcvErrors', {
      username: account,
      domains: names.map(({ name }) => name),
      dcvMethod: Object.fromEntries(names.map(({ name, method }) => [name, method.replace(/-01$/, '')])),
    });
    if ('why' in asked) return { fault: asked.why };
    if (asked.value === undefined) return { byName: new Map() };
    const errors = parseDcvErrors(asked.value, names.length);
    if (errors === undefined) {
      const why = 'its answer is garbage: it is not one list of texts for each domain';
      return { fault: this.#program.failure('BAD_ANSWER', 'getVhostDcvErrors', why).message };
    }
    return { byName: new Map(names.map(({ name }, index) => [name, errors[index] ?? []])) };
  }

  async knownAccounts(): Promise<readonly KnownAccount[] | null> {
    const text = await readTextFile(this.#knownPath(), MOST_BYTES).catch(() => undefined);
    if (text === undefined) return null;
    try {
      const { accounts } = JSON.parse(text);
      const isRight = Array.isArray(accounts) && accounts.every((one) => typeof one?.name === 'string');
      return isRight ? accounts : null;
    } catch {
      return null;
    }
  }

  async remember(accounts: readonly KnownAccount[]): Promise<void> {
    await ensureFolder(this.#tree.accounts(this.#program.name), PRIVATE_FOLDER);
    const text = `${JSON.stringify({ schemaVersion: 1, accounts })}\n`;
    await writeFileAtomically(this.#knownPath(), text, { mode: PRIVATE_FILE });
  }

  async #tell(call: ModuleCall, argument: object): Promise<ServerCheck> {
    const asked = await this.#ask(call, argument);
    return 'why' in asked ? { ok: false, why: asked.why } : { ok: true };
  }

  /** Undefined as the value: it has no such function. */
  async #ask(
    call: ModuleCall,
    argument: object,
  ): Promise<{ readonly value: unknown } | { readonly why: string }> {
    if (this.#absent.has(call)) return { value: undefined };
    try {
      const answer = await this.#program.call(call, { ...argument, properties: this.#properties });
      if (answer.state === 'done') return { value: answer.value };
      this.#absent.add(call);
      return { value: undefined };
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      return { why: error.message };
    }
  }

  #knownPath(): string {
    return join(this.#tree.accounts(this.#program.name), 'known-accounts.json');
  }
}
