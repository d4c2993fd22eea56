/** A server's main process as it was seen at one moment. */
export interface ServerLiveness {
  /** Null: there is no way to tell. */
  readonly isAlive: boolean | null;
  /** Null when it does not run, or its process is not known. */
  readonly masterPid: number | null;
  /** Names that very process for ever: another process with the same pid has another. */
  readonly startToken: string | null;
  /** `address:port` (`[address]:port`) of its TCP sockets, sorted; null when we may not look. */
  readonly listening: readonly string[] | null;
  /** Whether it holds at least one listening socket; null when we may not look. */
  readonly isListening: boolean | null;
}

/** Whether something is as it should be, or one printable line that says what is not. */
export type ServerCheck = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** What messages call the thing that has certificates. */
export type ServerNoun = 'web server' | 'service';

/**
 * Whether the server lived through a reload (design 5.11): the same main process, listening where it did. New sockets
 * are no fault; lost ones are, because somebody was served there.
 */
export function judgeLiveness(
  before: ServerLiveness,
  after: ServerLiveness,
  noun: ServerNoun = 'web server',
): ServerCheck {
  const pid = before.masterPid === null ? '' : ` (pid ${before.masterPid})`;
  if (after.isAlive === false) {
    return {
      ok: false,
      why: before.isAlive === false ? `the ${noun} does not run` : `the ${noun}${pid} died`,
    };
  }
  if (before.masterPid !== null && after.masterPid !== null && before.startToken !== after.startToken) {
    return { ok: false, why: `the ${noun}${pid} died and another one runs (pid ${after.masterPid})` };
  }
  const now = new Set(after.listening ?? before.listening);
  const lost = (before.listening ?? []).filter((socket) => !now.has(socket));
  if (lost.length > 0) return { ok: false, why: `the ${noun} no longer listens on ${lost.join(', ')}` };
  return after.isListening === false ? { ok: false, why: `the ${noun} listens nowhere` } : { ok: true };
}
