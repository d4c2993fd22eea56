import type { DaemonInvocation, DaemonKind, DaemonTls } from '../daemon-kind.js';
import { checkBy, optionIn } from '../daemon-programs.js';
import { configurationAt, directivesWithIncludes } from '../directives.js';

const FILES = ['/etc/proftpd/proftpd.conf', '/etc/proftpd.conf', '/usr/local/etc/proftpd.conf'];
/** Kinds of keys that it can have a certificate for. */
const KEYS = ['RSA', 'EC', 'DSA'];

/** ProFTPD with mod_tls: each session reads the certificate anew. */
export const proftpd: DaemonKind = {
  kind: 'proftpd',
  title: 'ProFTPD',
  programs: ['proftpd', 'in.proftpd'],
  usualPaths: ['/usr/sbin/proftpd', '/usr/local/sbin/proftpd'],
  configurations: FILES,
  initScript: 'proftpd',
  // It writes over its arguments what it does; a session says whose it is.
  isMain: ({ commandLine }) => {
    const title = commandLine.join(' ');
    return !title.startsWith('proftpd: ') || title.includes('accepting connections');
  },
  users: ['proftpd', 'ftp', 'nobody'],
  variables: [],
  argumentsOf: ({ commandLine }) => {
    const file = optionIn(commandLine.slice(1), '-c', '--config');
    return file?.startsWith('/') === true ? ['-c', file] : [];
  },
  test: (invocation) => checkBy(invocation, [invocation.control.program.path, ...invocation.arguments, '-t']),
  startCommand: ({ control, arguments: words }) => [control.program.path, ...words],
  readTls,
};

async function readTls({
  arguments: words,
}: DaemonInvocation): Promise<DaemonTls | { readonly fault: string }> {
  const file = optionIn(words, '-c', '--config') ?? FILES.find((path) => configurationAt(path) !== undefined);
  const directives = file === undefined ? undefined : directivesWithIncludes(file);
  if (file === undefined || directives === undefined)
    return { fault: 'the configuration of ProFTPD cannot be read' };
  const settingOf = (wanted: string): string | undefined =>
    directives.find(([name = '']) => name.toLowerCase() === wanted.toLowerCase())?.[1];
  const options = directives.filter(([name = '']) => name.toLowerCase() === 'tlsoptions').flat();
  const isImplicit = options.some((word) => word.toLowerCase() === 'useimplicitssl');
  return {
    certificates: KEYS.flatMap((key) => {
      const certificateFile = settingOf(`TLS${key}CertificateFile`);
      if (certificateFile === undefined) return [];
      return [
        {
          certificateFile,
          keyFile: settingOf(`TLS${key}CertificateKeyFile`) ?? certificateFile,
          isVariable: false,
        },
      ];
    }),
    beginsAt: () => (isImplicit ? 'tls' : 'ftp'),
    file,
    taking: 'by itself',
  };
}
