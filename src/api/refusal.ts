/**
 * A call that cannot be done as it was made: becomes `result` 0 (`status` 0) with the reason. For what a caller said or
 * asked for; faults of ours are AutosslErrors.
 */
export class ApiRefusal extends Error {
  /** @param reason one sentence that names the parameter or the thing at fault; printable */
  constructor(reason: string) {
    super(reason);
    this.name = 'ApiRefusal';
  }
}
