/** What a job needs of who queued it. Everything else may be a secret, and the spool keeps what it is given. */
const KEPT = /^(PATH|HOME|USER|LOGNAME|SHELL|TZ|LANG|LANGUAGE|LC_[A-Z]+|AUTOSSL_ROOT)$/;
/** Where nobody set it, as root's own shell has it. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment that check and action get, now and in each job; sorted by name. */
export function keptEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries({ PATH: DEFAULT_PATH, ...environment })
    .flatMap(([name, value]) => (KEPT.test(name) && value !== undefined ? [[name, value] as const] : []))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(kept);
}
