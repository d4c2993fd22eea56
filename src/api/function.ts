import type { Arguments } from './arguments.js';
import type { Parameter } from './parameter.js';
import type { Shape } from './shape.js';

/** What a function gives. */
export interface ApiAnswer {
  /** Absent: there is nothing to give. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Member of `data` that holds the rows that `api.filter`, `api.sort`, `api.columns` and `api.chunk` work on. */
  readonly rows?: string;
  readonly warnings?: readonly string[];
  readonly messages?: readonly string[];
}

/** One row of the table of functions: help, man page, checks and schema come from it. */
export interface ApiFunction<Host> {
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  readonly parameters: readonly Parameter[];
  /** What `data` looks like; null: there is none. */
  readonly data: Shape | null;
  /** Loads what does the work, so that a light call starts fast. */
  readonly load: () => Promise<ApiHandler<Host>>;
}

/**
 * Does the work. @throws ApiRefusal for what the caller asked, AutosslError for what we could not do; both are `result` 0
 */
export type ApiHandler<Host> = (given: Arguments, host: Host) => Promise<ApiAnswer>;
