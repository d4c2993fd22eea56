import { userInfo } from 'node:os';
import { domainOfChallengeRecord } from '../../../core/dcv/dns-challenge.js';
import { closestZone } from '../../../core/domain/name/dns-name.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import type { ServerCheck } from '../../../core/plan/install/install-liveness.js';
import type { ZoneChange } from '../../../runs/ports/zones.js';
import { type CommandResult, runCommand } from '../../system/exec.js';
import { endOf, lineOf, shownWords } from '../../system/process/command-words.js';
import { runMark } from '../../system/process/run-mark.js';
import { distrustOf, distrustOfScript } from '../../system/process/trusted-program.js';
import { type HookCall, type HookSettings, hookCallFor } from './hook-styles.js';
import type { ZoneBackend } from './zone-backend.js';

/** Certbot's hooks may print something that their counterparts want; nothing else of theirs is kept. */
const MAX_OUTPUT_BYTES = 16 * 1024;

/**
 * Zones that a program of the administrator's edits: TXT records, one call for each (README, “Hooks for DNS”). It gets a
 * short environment and a time limit, and runs only if nobody but root can have changed it. What it says is not repeated
 * when a secret of its environment is in it.
 */
export class HookEditor implements ZoneBackend {
  readonly describe: string;
  readonly #settings: HookSettings;
  /** By record and value, what certbot's first hook printed. */
  readonly #printed = new Map<string, string>();

  constructor(settings: HookSettings) {
    this.#settings = settings;
    this.describe = `the hook ${settings.command[0] ?? ''}`;
  }

  canEdit(type: ZoneChange['type']): boolean {
    return type === 'TXT';
  }

  async zoneOf(name: string): Promise<string | undefined> {
    return closestZone(name, this.#settings.zones);
  }

  /** Not all or none: what was placed before one failed is taken away by whoever placed it. */
  async change(apex: string, changes: readonly ZoneChange[]): Promise<ServerCheck> {
    for (const op of ['remove', 'add'] as const) {
      const ofKind = changes.filter((change) => change.op === op);
      const domains = [...new Set(ofKind.map(({ name }) => domainOfChallengeRecord(name) ?? name))];
      for (const [index, change] of ofKind.entries()) {
        const key = `${change.name} ${change.value}`;
        const turn = { change, apex, domains, remaining: ofKind.length - index - 1 };
        const call = hookCallFor(this.#settings, { ...turn, printedBefore: this.#printed.get(key) ?? '' });
        if (call === null) {
          return {
            ok: false,
            why: `a hook of the style ${this.#settings.style} cannot place ${quoteForMessage(change.name)}`,
          };
        }
        const check = await this.#run(call, (printed) => {
          if (op === 'add') this.#printed.set(key, printed);
          else this.#printed.delete(key);
        });
        if (!check.ok) return check;
      }
    }
    return { ok: true };
  }

  async #run(call: HookCall, onPrinted: (text: string) => void): Promise<ServerCheck> {
    const { timeoutMs, environment } = this.#settings;
    const [program = ''] = call.argv;
    const isShell = call.scripts.length > 0;
    const distrust =
      (isShell ? undefined : distrustOf(program)) ??
      call.scripts.map(distrustOfScript).find((why) => why !== undefined);
    if (distrust !== undefined) return { ok: false, why: `it is not run: ${distrust}` };
    const secrets = Object.fromEntries([...environment].map(([name, secret]) => [name, secret.reveal()]));
    const result = await runCommand(call.argv, {
      timeoutMs,
      cwd: '/',
      maxOutputBytes: MAX_OUTPUT_BYTES,
      environment: { HOME: userInfo().homedir, ...secrets, ...call.environment, ...runMark() },
    });
    if (result.exitCode === 0) {
      onPrinted(result.stdout.trimEnd());
      return { ok: true };
    }
    const words = this.#wordsOf(result);
    return { ok: false, why: `it ${endOf(result, timeoutMs)}${words === '' ? '' : `: ${words}`}` };
  }

  #wordsOf(result: CommandResult): string {
    const said = lineOf(result.stderr, -1) || lineOf(result.stdout, -1);
    const tells = [...this.#settings.environment.values()].some((secret) => said.includes(secret.reveal()));
    return tells ? 'what it said is not shown, it tells a secret' : shownWords(said);
  }
}
