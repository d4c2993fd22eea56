import type { Socket } from 'node:net';
import type { StartTlsProtocol } from '../../core/plan/served/server-site.js';

/** A greeting of many lines fits; beyond it nobody means to begin TLS. */
const MAX_INPUT_BYTES = 16 * 1024;

/** Why TLS cannot begin where it was asked for in plain text. */
export type StartTlsFault =
  /** It is not offered, or refused for good. */
  | 'STARTTLS_REFUSED'
  /** The server serves nobody at the moment. */
  | 'STARTTLS_NOT_READY'
  /** What it says is not this protocol. */
  | 'STARTTLS_GARBAGE'
  | 'STARTTLS_TOO_LONG'
  /** Plain text came after the answer with which TLS begins: somebody else may have put it there. */
  | 'STARTTLS_INJECTED';

type Turn = { readonly say: string } | 'begin' | 'more' | { readonly fault: StartTlsFault };
/** What to do after one whole reply (its lines without their ends). */
type Answer = (lines: readonly string[]) => Turn;

interface Dialect {
  /** Whether the lines are a whole reply. */
  readonly isWhole: (lines: readonly string[]) => boolean;
  /** In order: to the greeting, and to the reply to each thing said. */
  readonly answers: readonly Answer[];
  /** Whether lines may come that nobody asked for. */
  readonly mayVolunteer: boolean;
  readonly goodbye: string;
}

const NOT_READY: Turn = { fault: 'STARTTLS_NOT_READY' };
const REFUSED: Turn = { fault: 'STARTTLS_REFUSED' };
const GARBAGE: Turn = { fault: 'STARTTLS_GARBAGE' };

/** RFC 5321 section 4.2, RFC 959 section 4.2: `250-` begins a reply of several lines, `250 ` ends it. */
function isWholeReply(lines: readonly string[]): boolean {
  const [first = '', last = ''] = [lines[0], lines.at(-1)];
  const code = first.slice(0, 3);
  return first[3] !== '-' || last === code || last.startsWith(`${code} `);
}

/** By the first digit of a reply's code. */
const byCode =
  (good: (lines: readonly string[]) => Turn): Answer =>
  (lines) => {
    const [first = ''] = lines;
    if (!/^[1-5]\d\d(?:[ -]|$)/.test(first)) return GARBAGE;
    if (first.startsWith('2')) return good(lines);
    return first.startsWith('5') ? REFUSED : NOT_READY;
  };

const DIALECTS: Readonly<Record<StartTlsProtocol, Dialect>> = {
  /** RFC 3207 */
  smtp: {
    isWhole: isWholeReply,
    answers: [
      byCode(() => ({ say: 'EHLO localhost' })),
      byCode((lines) =>
        lines.some((line) => /^250[ -]STARTTLS\b/i.test(line)) ? { say: 'STARTTLS' } : REFUSED,
      ),
      byCode(() => 'begin'),
    ],
    mayVolunteer: false,
    goodbye: 'QUIT',
  },
  /** RFC 4217 */
  ftp: {
    isWhole: isWholeReply,
    answers: [
      byCode(() => ({ say: 'AUTH TLS' })),
      byCode(([first = '']) => (first.startsWith('234') ? 'begin' : REFUSED)),
    ],
    mayVolunteer: false,
    goodbye: 'QUIT',
  },
  /** RFC 9051 section 6.2.1 */
  imap: {
    isWhole: () => true,
    answers: [
      ([line = '']) => {
        if (/^\* OK\b/i.test(line)) return { say: 'a STARTTLS' };
        if (/^\* PREAUTH\b/i.test(line)) return REFUSED;
        return /^\* BYE\b/i.test(line) ? NOT_READY : GARBAGE;
      },
      ([line = '']) => {
        if (/^a OK\b/i.test(line)) return 'begin';
        if (/^a (?:NO|BAD)\b/i.test(line)) return REFUSED;
        if (/^\* BYE\b/i.test(line)) return NOT_READY;
        return line.startsWith('* ') ? 'more' : GARBAGE;
      },
    ],
    mayVolunteer: true,
    goodbye: 'z LOGOUT',
  },
  /** RFC 2595 section 4 */
  pop3: {
    isWhole: () => true,
    answers: [
      ([line = '']) => (/^\+OK\b/.test(line) ? { say: 'STLS' } : /^-ERR\b/.test(line) ? NOT_READY : GARBAGE),
      ([line = '']) => (/^\+OK\b/.test(line) ? 'begin' : /^-ERR\b/.test(line) ? REFUSED : GARBAGE),
    ],
    mayVolunteer: false,
    goodbye: 'QUIT',
  },
};

/** What to say before hanging up, with its line end, so that the server does not log a broken connection. */
export function goodbyeIn(protocol: StartTlsProtocol): string {
  return `${DIALECTS[protocol].goodbye}\r\n`;
}

/** The plain part of one connection: what the server sends goes in, what to send comes out. No I/O, bounded memory. */
export class StartTlsConversation {
  readonly #dialect: Dialect;
  #step = 0;
  #taken = 0;
  #rest = '';
  #lines: string[] = [];

  constructor(protocol: StartTlsProtocol) {
    this.#dialect = DIALECTS[protocol];
  }

  /** What follows from some more bytes; `begin`: the next byte on the connection is TLS. */
  take(bytes: Buffer): Turn {
    this.#taken += bytes.length;
    if (this.#taken > MAX_INPUT_BYTES) return { fault: 'STARTTLS_TOO_LONG' };
    this.#rest += bytes.toString('latin1');
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end === -1) return 'more';
      this.#lines.push(this.#rest.slice(0, end).replace(/\r$/, ''));
      this.#rest = this.#rest.slice(end + 1);
      if (!this.#dialect.isWhole(this.#lines)) continue;
      const turn = this.#answer();
      if (turn !== 'more') return turn;
    }
  }

  #answer(): Turn {
    const turn = this.#dialect.answers[this.#step]?.(this.#lines) ?? GARBAGE;
    this.#lines = [];
    if (turn === 'begin' && this.#rest !== '') return { fault: 'STARTTLS_INJECTED' };
    if (turn !== 'more') this.#step += 1;
    const isOutOfTurn = this.#rest !== '' && !this.#dialect.mayVolunteer;
    return typeof turn === 'object' && 'say' in turn && isOutOfTurn ? GARBAGE : turn;
  }
}

/**
 * Asks on a connected socket for TLS. Null: the socket is paused, and the next byte of either side is TLS. Does not end by
 * itself when the server says nothing, or hangs up: whoever opened the socket watches it.
 */
export function askForTls(socket: Socket, protocol: StartTlsProtocol): Promise<StartTlsFault | null> {
  const conversation = new StartTlsConversation(protocol);
  return new Promise((resolve) => {
    const end = (fault: StartTlsFault | null): void => {
      socket.off('data', onData);
      socket.pause();
      resolve(fault);
    };
    const onData = (bytes: Buffer): void => {
      const turn = conversation.take(bytes);
      if (turn === 'begin') end(null);
      else if (turn !== 'more') {
        if ('fault' in turn) end(turn.fault);
        else socket.write(`${turn.say}\r\n`);
      }
    };
    socket.on('data', onData);
  });
}
