import type { ProgramPlaces } from '../setup/setup-files.js';

/** Nothing that sudoers(5) would take for more than itself. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_][A-Za-z0-9_@+.-]*)+$/;
/** As in bin/uapi-root. */
const SECURE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Why this installation can have no line in sudoers, as one sentence; null: it can. */
export function sudoersObstacle({ programs }: ProgramPlaces): string | null {
  const program = programs.get('uapi-root');
  if (program === undefined) return 'This installation has no program uapi-root.';
  return PLAIN_PATH.test(program) ? null : `The path ${program} cannot be named in sudoers.`;
}

/**
 * `/etc/sudoers.d/autossl`: lets every account have uapi-root answer for itself. Whatever the server's own Defaults say,
 * nothing of a caller's environment reaches it. Null when it cannot be named there.
 */
export function sudoersFile(places: ProgramPlaces): string | null {
  if (sudoersObstacle(places) !== null) return null;
  return [
    '# Written by "autossl setup --sudoers", which keeps it up to date; "autossl setup --undo" takes it away.',
    '# uapi-root answers for the account that called sudo, and only what its closed list has.',
    `Cmnd_Alias AUTOSSL_UAPI_ROOT = ${places.programs.get('uapi-root')}`,
    'Defaults!AUTOSSL_UAPI_ROOT env_reset, !env_keep, !env_check, !setenv, !requiretty, !lecture',
    `Defaults!AUTOSSL_UAPI_ROOT secure_path="${SECURE_PATH}"`,
    'ALL ALL = (root) NOPASSWD: NOSETENV: AUTOSSL_UAPI_ROOT',
    '',
  ].join('\n');
}
