/** What an error of each class may be called; codes are API, messages may improve. */
export type UsageCode = 'BAD_ARGUMENT' | 'NO_SCOPE' | 'UNKNOWN_USER' | 'UNKNOWN_PROVIDER' | 'BAD_NAME';
export type ConfigurationCode =
  | 'BAD_SETTING'
  | 'UNKNOWN_PROVIDER'
  /** A third party's provider does not say in our terms what it is. */
  | 'BROKEN_PROVIDER'
  | 'TERMS_NOT_ACCEPTED'
  | 'UNSAFE_ROOT'
  | 'UNSAFE_FILE'
  | 'SECRET_EXPOSED'
  | 'NOT_PERMITTED'
  | 'SERVER_UNREADABLE'
  /** at(1) is not there, does not let us, or does not work. */
  | 'QUEUE_UNAVAILABLE';
export type StateCode =
  | 'TREE_UNREADABLE'
  | 'LOCKED'
  | 'LOCK_LOST'
  /** The wall clock was set in the middle of a run. */
  | 'CLOCK_JUMPED'
  | 'BRAKE'
  | 'CORRUPT_RECORD'
  | 'NOTHING_ARCHIVED'
  | 'WRITE_FAILED'
  | 'NO_SPACE'
  /** A run in the background did not begin. */
  | 'NOT_STARTED';
export type AcmeProtocolCode =
  | 'UNREACHABLE'
  | 'TIMED_OUT'
  | 'BAD_ANSWER'
  | 'ANSWER_TOO_LARGE'
  | 'UNTRUSTED_SERVER'
  /** The CA's own certificate is not valid by our clock: one of the two is wrong. */
  | 'CLOCK_OR_CERTIFICATE'
  | 'PROBLEM'
  | 'ABORTED';
export type ProbeCode = 'PROBE_FAILED';
export type InstallCode = 'RELOAD_FAILED' | 'PAIR_MISMATCH' | 'PUBLISH_FAILED';
export type NotificationCode = 'SEND_FAILED';
export type InternalCode = 'BUG';

interface ErrorOptionsOf {
  readonly cause?: unknown;
  /** When trying again could help: earliest instant, or null when it never will by itself. */
  readonly retryAt?: Date | null;
  /** One sentence: what the reader should do. */
  readonly advice?: string;
}

/**
 * We could not do our own work (as opposed to a finding about a certificate, a name or an order, which is a value).
 * `message` says what was wrong and where; `advice` what to do.
 */
export class AutosslError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly retryAt: Date | null;
  readonly advice: string | null;

  constructor(code: Code, message: string, options: ErrorOptionsOf = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryAt = options.retryAt ?? null;
    this.advice = options.advice ?? null;
  }
}

export class UsageError extends AutosslError<UsageCode> {}
export class ConfigurationError extends AutosslError<ConfigurationCode> {}
export class StateError extends AutosslError<StateCode> {}
export class AcmeProtocolError extends AutosslError<AcmeProtocolCode> {}
export class ProbeError extends AutosslError<ProbeCode> {}
export class InstallError extends AutosslError<InstallCode> {}
export class NotificationError extends AutosslError<NotificationCode> {}
export class InternalError extends AutosslError<InternalCode> {}
