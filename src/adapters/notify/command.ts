import { printable } from '../../core/domain/name/names.js';
import type { NoticeAudience } from '../../core/domain/notice-level.js';
import type { DeliveryAnswer } from '../../core/notice/delivery/delivery.js';
import type { OutgoingMessage } from '../../core/notice/outgoing-message.js';
import type { HandingOver, NoticeChannel } from '../../runs/ports/messages.js';
import { runCommand } from '../system/exec.js';
import { distrustOf } from '../system/process/trusted-program.js';
import { handedDocument } from './handed-document.js';
import { answerOfProgram } from './program-end.js';
import { refused, STOPPED } from './refusal.js';

/** Nobody reads more of what a hook says. */
const MAX_OUTPUT_BYTES = 16 * 1024;

export interface CommandSettings {
  /** A program's absolute path and its arguments. */
  readonly command: readonly string[];
  readonly audiences: readonly NoticeAudience[];
  readonly timeoutMs: number;
}

/**
 * Gives each message to a program of root's, as JSON on its standard input, without a shell and with nothing of our
 * environment. Exit code 0: taken; 65, 67, 68 (sysexits.h): never; anything else: another time.
 */
export class CommandChannel implements NoticeChannel {
  readonly name = 'command';
  readonly label: string;
  readonly audiences: readonly NoticeAudience[];
  readonly #settings: CommandSettings;

  constructor(settings: CommandSettings) {
    this.label = `command ${printable(settings.command[0] ?? '')}`;
    this.audiences = settings.audiences;
    this.#settings = settings;
  }

  async deliver(
    message: OutgoingMessage,
    signal: AbortSignal,
    handingOver?: HandingOver,
  ): Promise<DeliveryAnswer> {
    if (signal.aborted) return STOPPED;
    const { command, timeoutMs } = this.#settings;
    const [program = ''] = command;
    const distrust = distrustOf(program);
    if (distrust !== undefined) return refused(`it is not run: ${distrust}`, { isChannelDown: true });
    await handingOver?.();
    const result = await runCommand(command, {
      timeoutMs,
      input: `${handedDocument(message)}\n`,
      cwd: '/',
      maxOutputBytes: MAX_OUTPUT_BYTES,
      signal,
    });
    // Whether one that was ended had taken it, it knows by the message's id: it is asked again soon.
    const answer = answerOfProgram(program, result, timeoutMs);
    return answer.outcome === 'delivered' ? answer : { ...answer, mayHaveArrived: false };
  }

  async close(): Promise<void> {}
}
