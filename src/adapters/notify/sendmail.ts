import { printable } from '../../core/domain/name/names.js';
import type { ServerCheck } from '../../core/plan/install/install-liveness.js';
import type { Notifier } from '../../runs/ports.js';
import { type CommandResult, runCommand } from '../system/exec.js';

/** Where every mail server of a Unix system puts its sendmail(1). */
export const USUAL_SENDMAIL = '/usr/sbin/sendmail';
/** It queues and returns; one that takes longer hangs. */
const TIMEOUT_MS = 60_000;
const MS_PER_SECOND = 1000;
/** RFC 5322 2.1.1: lines of at most 998 octets; these are characters of up to 4. */
const LONGEST_LINE = 240;
/** A subject is one line that mail programs show whole. */
const LONGEST_SUBJECT = 180;
/** Of what the program said, so much reaches a message. */
const SHOWN_CHARACTERS = 300;
/** RFC 2047 section 2: an encoded word has at most 75 characters, of which its frame takes 12. */
const ENCODED_BYTES = 45;

export interface SendmailSettings {
  /** A mail address or a local user, as the settings were checked. */
  readonly to: string;
  /** Absolute path. */
  readonly program: string;
}

/** Mails by `sendmail -t`: the recipient stands in the message, nothing in an argument. */
export class SendmailNotifier implements Notifier {
  readonly #settings: SendmailSettings;
  readonly #timeoutMs: number;

  constructor(settings: SendmailSettings, timeoutMs = TIMEOUT_MS) {
    this.#settings = settings;
    this.#timeoutMs = timeoutMs;
  }

  async tell(message: { readonly subject: string; readonly lines: readonly string[] }): Promise<ServerCheck> {
    const { to, program } = this.#settings;
    const result = await runCommand([program, '-t', '-oi'], {
      timeoutMs: this.#timeoutMs,
      input: mailText(to, message),
      cwd: '/',
    });
    const fault = faultOf(result, this.#timeoutMs);
    return fault === null ? { ok: true } : { ok: false, why: `${printable(program)} ${fault}` };
  }
}

/** The whole mail. What would steer a header, a terminal or a mail program is escaped; long lines are wrapped. */
export function mailText(
  to: string,
  { subject, lines }: { readonly subject: string; readonly lines: readonly string[] },
): string {
  const headers = [
    `To: ${printable(to)}`,
    `Subject: ${headerText(printable(subject).slice(0, LONGEST_SUBJECT))}`,
    // RFC 3834: vacation programs do not answer.
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
  const body = lines.flatMap((line) => wrapped(printable(line)));
  return `${[...headers, '', ...body].join('\n')}\n`;
}

/** ASCII as it is, anything else as encoded words of whole characters. */
function headerText(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > ENCODED_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`).join('\n ');
}

function wrapped(line: string): string[] {
  const parts: string[] = [];
  let rest = line;
  while (rest.length > LONGEST_LINE) {
    const blank = rest.lastIndexOf(' ', LONGEST_LINE);
    const end = blank > 0 ? blank : LONGEST_LINE;
    parts.push(rest.slice(0, end));
    rest = rest.slice(blank > 0 ? end + 1 : end);
  }
  return [...parts, rest];
}

function faultOf(
  { exitCode, signal, hasTimedOut, startFault, stderr }: CommandResult,
  timeoutMs: number,
): string | null {
  if (startFault !== null) return `could not be started (${startFault})`;
  if (hasTimedOut) return `did not end within ${timeoutMs / MS_PER_SECOND} seconds`;
  if (exitCode === 0) return null;
  const said = printable(stderr.trim().split('\n').at(-1) ?? '').slice(0, SHOWN_CHARACTERS);
  const how = exitCode === null ? `was ended by ${signal}` : `ended with code ${exitCode}`;
  return said === '' ? how : `${how}: ${said}`;
}
