import type { DaemonInvocation, DaemonKind, DaemonTls } from '../daemon-kind.js';
import { configurationAt, directivesIn } from '../directives.js';

const FILES = ['/etc/vsftpd.conf', '/etc/vsftpd/vsftpd.conf', '/usr/local/etc/vsftpd.conf'];
/** Compiled in. */
const USUAL_CERTIFICATE = '/usr/share/ssl/certs/vsftpd.pem';

/** It stays in the foreground where its configuration does not say otherwise. */
const BACKGROUND = '-obackground=YES';

/** vsftpd: it reads its certificate once, at its start. */
export const vsftpd: DaemonKind = {
  kind: 'vsftpd',
  title: 'vsftpd',
  programs: ['vsftpd'],
  usualPaths: ['/usr/sbin/vsftpd', '/usr/local/sbin/vsftpd'],
  configurations: FILES,
  initScript: 'vsftpd',
  isMain: () => true,
  users: [],
  variables: [],
  argumentsOf: ({ commandLine }) => commandLine.slice(1).filter((word) => word !== BACKGROUND),
  test: null,
  startCommand: ({ control, arguments: words }) => [control.program.path, ...words, BACKGROUND],
  readTls,
};

async function readTls({
  arguments: words,
}: DaemonInvocation): Promise<DaemonTls | { readonly fault: string }> {
  const file =
    words.find((word) => word.startsWith('/')) ?? FILES.find((path) => configurationAt(path) !== undefined);
  const text = file === undefined ? undefined : configurationAt(file);
  if (file === undefined || text === undefined)
    return { fault: 'the configuration of vsftpd cannot be read' };
  const settings = new Map(directivesIn(text, /=/).map(([name = '', value = '']) => [name, value.trim()]));
  const isOn = (name: string): boolean => /^(?:yes|true|1)$/i.test(settings.get(name) ?? '');
  const certificateFile = settings.get('rsa_cert_file') ?? USUAL_CERTIFICATE;
  const keyFile = settings.get('rsa_private_key_file') ?? certificateFile;
  return {
    certificates: isOn('ssl_enable') ? [{ certificateFile, keyFile, isVariable: false }] : [],
    beginsAt: () => (isOn('implicit_ssl') ? 'tls' : 'ftp'),
    file,
    taking: 'restart',
  };
}
