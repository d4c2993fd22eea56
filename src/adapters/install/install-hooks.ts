import { encodePem, splitPem } from '../../core/certificate/pem/pem.js';
import type { AccountName } from '../../core/domain/account/account-name.js';
import type { ServerCheck } from '../../core/plan/install/install-liveness.js';
import type { InstallHooks, InstallPayload } from '../../runs/ports/installation.js';
import type { HookSettings } from '../../runs/ports/settings.js';
import { type CommandOptions, type CommandResult, runCommand } from '../system/exec.js';
import { endOf, lineOf, shownWords } from '../system/process/command-words.js';
import { distrustOf } from '../system/process/trusted-program.js';

/** An answer is one line; what else a hook prints is not ours to keep. */
const MAX_OUTPUT_BYTES = 16 * 1024;

/**
 * The administrator's hooks as programs: the payload of `AutoSSL::installssl` as JSON on stdin (behaviour section 14), so
 * that the key is in no argument and no environment; an answer by exit code and by a first line `STATUS MESSAGE`. A hook
 * that is not to be trusted, cannot be run or hangs has failed: what may veto is never passed over.
 */
export class CommandHooks implements InstallHooks {
  readonly rebuild: InstallHooks['rebuild'];
  readonly #settings: HookSettings;

  constructor(settings: HookSettings) {
    this.#settings = settings;
    const { rebuildAccount } = settings;
    this.rebuild =
      rebuildAccount === null
        ? null
        : (account, vhosts) => this.#rebuild([...rebuildAccount, account], account, vhosts);
  }

  async pre(payload: InstallPayload): Promise<ServerCheck> {
    return await this.#tell(this.#settings.preInstall, 'pre', payload, {});
  }

  async post(
    payload: InstallPayload,
    outcome: { readonly status: boolean; readonly message: string },
  ): Promise<ServerCheck> {
    const result = { status: outcome.status ? 1 : 0, rawout: outcome.message };
    return await this.#tell(this.#settings.postInstall, 'post', payload, result);
  }

  async #tell(
    argv: readonly string[] | null,
    stage: 'pre' | 'post',
    payload: InstallPayload,
    result: object,
  ): Promise<ServerCheck> {
    if (argv === null) return { ok: true };
    const context = { category: 'Whostmgr', event: 'AutoSSL::installssl', stage };
    const data = { ...dataOf(payload), ...result };
    return await this.#run(argv, { input: `${JSON.stringify({ context, data })}\n` }, payload.keyPem);
  }

  async #rebuild(
    argv: readonly string[],
    account: AccountName,
    vhosts: readonly string[],
  ): Promise<ServerCheck> {
    const environment = { AUTOSSL_ACCOUNT: account, AUTOSSL_WEBSITES: vhosts.join(' ') };
    return await this.#run(argv, { environment });
  }

  async #run(
    argv: readonly string[],
    options: Pick<CommandOptions, 'input' | 'environment'>,
    keyPem = '',
  ): Promise<ServerCheck> {
    const [program = ''] = argv;
    const distrust = distrustOf(program);
    if (distrust !== undefined) return { ok: false, why: `the hook is not run: ${distrust}` };
    const { timeoutMs } = this.#settings;
    const result = await runCommand(argv, {
      ...options,
      timeoutMs,
      cwd: '/',
      maxOutputBytes: MAX_OUTPUT_BYTES,
    });
    const refusal = refusalOf(result, timeoutMs);
    if (refusal === undefined) return { ok: true };
    const said = tellsKey(refusal.said, keyPem)
      ? 'what it said is not shown, it tells the key'
      : refusal.said;
    const words = said === '' ? '' : `: ${shownWords(said)}`;
    return { ok: false, why: `${shownWords(program)} ${refusal.how}${words}` };
  }
}

/** With the names that the documented payload has now, and the one that older hooks read. */
function dataOf({ website, keyPem, chainPem }: InstallPayload): Readonly<Record<string, string>> {
  const [leaf = '', ...chain] = splitPem(chainPem)
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ label, body }) => encodePem(label, Buffer.from(body, 'base64')));
  return {
    domain_set_name: website.vhost,
    web_vhost_name: website.vhost,
    username: website.account,
    certificate_pem: leaf,
    key_pem: keyPem,
    cab_pem: chain.join(''),
  };
}

interface Refusal {
  readonly how: string;
  /** In its own words, unescaped. */
  readonly said: string;
}

/** An exit code or a status that says no; undefined when both say yes or there is no status. */
function refusalOf(result: CommandResult, timeoutMs: number): Refusal | undefined {
  if (result.startFault !== null || result.hasTimedOut) return { how: endOf(result, timeoutMs), said: '' };
  const answer = lineOf(result.stdout, 0);
  const [, status, message = ''] = /^([01])(?:\s+(.*))?$/.exec(answer) ?? [];
  if (result.exitCode === 0 && status !== '0') return undefined;
  return {
    how: result.exitCode === 0 ? 'refuses' : endOf(result, timeoutMs),
    said: status === undefined ? lineOf(result.stderr, -1) || answer : message,
  };
}

/** A hook that prints what it was given must not bring the key into a log: not one line of it. */
function tellsKey(text: string, keyPem: string): boolean {
  const lines = keyPem.split('\n').map((line) => line.trim());
  return lines.some((line) => line !== '' && !line.startsWith('-----') && text.includes(line));
}
