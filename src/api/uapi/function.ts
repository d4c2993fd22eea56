import type { ApiFunction } from '../function.js';
import type { UapiHost } from './host.js';

/**
 * Who may have a function answered. `account`: its owner, with no further rights where its files can be read; `sudo`: its
 * owner, by uapi-root; `root`: root alone. uapi-root offers the first two and nothing else.
 */
export type UapiRights = 'account' | 'sudo' | 'root';

/** A function of an account's own view. */
export interface UapiFunction extends ApiFunction<UapiHost> {
  readonly module: 'DCV' | 'SSL';
  readonly rights: UapiRights;
}

/** What a function needs to be told of, but its module and where its work is. */
export type UapiRow = Omit<UapiFunction, 'module'>;
