import { join } from 'node:path';
import type { DaemonInvocation, DaemonKind, DaemonTls } from '../daemon-kind.js';
import { optionIn } from '../daemon-programs.js';
import { configurationAt, directivesIn } from '../directives.js';

/** Debian: a file for each setting, which a script makes arguments of. */
const SETTINGS_FOLDER = '/etc/pure-ftpd/conf';
const FILES = ['/etc/pure-ftpd/pure-ftpd.conf', '/etc/pure-ftpd.conf', '/usr/local/etc/pure-ftpd.conf'];
/** Compiled in. */
const USUAL_CERTIFICATE = '/etc/ssl/private/pure-ftpd.pem';

/** Pure-FTPd. It reads its certificate once, at its start, before it takes another user; sessions outlive a restart. */
export const pureFtpd: DaemonKind = {
  kind: 'pure-ftpd',
  title: 'Pure-FTPd',
  programs: ['pure-ftpd', 'pure-ftpd-mysql', 'pure-ftpd-ldap', 'pure-ftpd-postgresql'],
  usualPaths: ['/usr/sbin/pure-ftpd', '/usr/local/sbin/pure-ftpd'],
  configurations: [SETTINGS_FOLDER, ...FILES],
  initScript: 'pure-ftpd',
  // It writes over its arguments what it does: `pure-ftpd (SERVER)`, `pure-ftpd (IDLE)` for a session.
  isMain: ({ commandLine }) => !/\((?!SERVER)[A-Z]+\)/.test(commandLine.join(' ')),
  users: [],
  variables: [],
  argumentsOf: ({ commandLine }) => (commandLine.length > 1 ? commandLine.slice(1) : []),
  test: null,
  startCommand: ({ control, arguments: words }) =>
    words.length === 0
      ? null
      : [control.program.path, ...words.filter((word) => word !== '-B' && word !== '--daemonize'), '-B'],
  readTls,
};

async function readTls({ arguments: words }: DaemonInvocation): Promise<DaemonTls> {
  const [option] = words;
  const named = option?.startsWith('/') === true ? option : undefined;
  const settingOf = (...names: readonly string[]): string | undefined => settingIn(named, names);
  const isAnswered = (optionIn(words, '-3', '--extcert') ?? settingOf('ExtCert')) !== undefined;
  // One word, or a certificate and a key behind a comma.
  const written =
    optionIn(words, '-2', '--certfile') ?? settingOf('CertFileAndKey', 'CertFile') ?? USUAL_CERTIFICATE;
  const [certificateFile = written, keyFile = certificateFile] = written.split(/[\s,]+/);
  return {
    certificates: [{ certificateFile, keyFile, isVariable: isAnswered }],
    beginsAt: () => 'ftp',
    file: named ?? SETTINGS_FOLDER,
    taking: isAnswered ? 'by itself' : 'restart',
  };
}

/** From the file that was named, else from Debian's folder, else from the usual file. */
function settingIn(named: string | undefined, names: readonly string[]): string | undefined {
  if (named === undefined) {
    for (const name of names) {
      const text = configurationAt(join(SETTINGS_FOLDER, name))?.trim();
      if (text !== undefined && text !== '') return text;
    }
    // Where there is the folder, nobody reads the file.
    if (configurationAt(join(SETTINGS_FOLDER, 'PureDB')) !== undefined) return undefined;
  }
  for (const path of named === undefined ? FILES : [named]) {
    const text = configurationAt(path);
    if (text === undefined) continue;
    const line = directivesIn(text, /\s+/).find(([name = '']) => names.includes(name));
    return line?.slice(1).join(' ');
  }
  return undefined;
}
