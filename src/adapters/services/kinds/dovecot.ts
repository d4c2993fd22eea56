import type { StartTlsProtocol } from '../../../core/plan/served/server-site.js';
import { sessionAdvice } from '../../../core/sni/dovecot-sessions.js';
import type { DaemonInvocation, DaemonKind, DaemonTls } from '../daemon-kind.js';
import { checkBy, optionIn, outputOf, programBeside } from '../daemon-programs.js';

const USUAL_FILE = '/etc/dovecot/dovecot.conf';
/** Services that clients log in to, and what they speak. */
const LOGINS: Readonly<Record<string, StartTlsProtocol>> = {
  'imap-login': 'imap',
  'pop3-login': 'pop3',
  'submission-login': 'smtp',
};

/**
 * Dovecot. New login processes have the new certificate after SIGHUP. Sessions that are busy go on; those that are idle for
 * ten seconds are ended, unless its configuration says `shutdown_clients = no`. With a broken configuration it keeps the old.
 */
export const dovecot: DaemonKind = {
  kind: 'dovecot',
  title: 'Dovecot',
  programs: ['dovecot'],
  usualPaths: ['/usr/sbin/dovecot', '/usr/local/sbin/dovecot'],
  configurations: [USUAL_FILE, '/usr/local/etc/dovecot/dovecot.conf'],
  initScript: 'dovecot',
  isMain: ({ commandLine }) => isServing(commandLine),
  users: [],
  variables: [],
  argumentsOf: ({ commandLine }) => {
    const file = optionIn(commandLine.slice(1), '-c');
    return file === undefined ? [] : ['-c', file];
  },
  test: (invocation) => checkBy(invocation, [...doveconf(invocation), '-n']),
  startCommand: ({ control, arguments: words }) => [control.program.path, ...words],
  readTls,
  advise: async (invocation) => {
    const printed = await outputOf(invocation, [...doveconf(invocation), '-h', 'shutdown_clients']);
    return sessionAdvice(typeof printed === 'string' ? printed : '');
  },
};

/**
 * Whether it runs to serve: the same program also prints its version or configuration and stops or reloads another
 * (`dovecot -n`, `dovecot --version`, `dovecot reload`), for a moment.
 */
function isServing([program, ...words]: readonly string[]): boolean {
  return (
    program !== undefined && words.every((word, index) => /^-[Fpc]/.test(word) || words[index - 1] === '-c')
  );
}

async function readTls(invocation: DaemonInvocation): Promise<DaemonTls | { readonly fault: string }> {
  const ssl = await readPair(invocation);
  if ('fault' in ssl) return ssl;
  const ports = new Map<number, 'tls' | StartTlsProtocol>();
  for (const [service, protocol] of Object.entries(LOGINS)) {
    // One that is not installed is no fault.
    const output = await outputOf(invocation, [...doveconf(invocation), `service/${service}`]);
    if (typeof output !== 'string') continue;
    for (const { port, isTls } of listenersIn(output)) ports.set(port, isTls ? 'tls' : protocol);
  }
  const { certificateFile, keyFile, isOn } = ssl;
  return {
    certificates:
      isOn && certificateFile !== null
        ? [{ certificateFile, keyFile: keyFile ?? certificateFile, isVariable: false }]
        : [],
    beginsAt: (port) => (isOn ? (ports.get(port) ?? null) : null),
    file: optionIn(invocation.arguments, '-c') ?? USUAL_FILE,
    taking: 'signal',
  };
}

function doveconf(invocation: DaemonInvocation): readonly string[] {
  return [programBeside(invocation, 'doveconf'), ...invocation.arguments];
}

async function readPair(
  invocation: DaemonInvocation,
): Promise<
  | { readonly isOn: boolean; readonly certificateFile: string | null; readonly keyFile: string | null }
  | { readonly fault: string }
> {
  // -P: without it the key's file is hidden. The first names are of version 2.4.
  for (const names of [
    ['ssl_server_cert_file', 'ssl_server_key_file'],
    ['ssl_cert', 'ssl_key'],
  ]) {
    const output = await outputOf(invocation, [...doveconf(invocation), '-P', 'ssl', ...names]);
    if (typeof output !== 'string') {
      if (names[0] === 'ssl_cert') return output;
      continue;
    }
    const settingOf = (name: string | undefined): string | null => {
      const value = new RegExp(`^${name} = (.*)$`, 'm').exec(output)?.[1]?.replace(/^</, '').trim() ?? '';
      return value.startsWith('/') ? value : null;
    };
    const isOn = !/^ssl = no$/m.test(output);
    return { isOn, certificateFile: settingOf(names[0]), keyFile: settingOf(names[1]) };
  }
  return { fault: 'doveconf does not tell the certificate' };
}

/** The inet_listener blocks of a service, as doveconf prints it; pure. */
export function listenersIn(text: string): readonly { readonly port: number; readonly isTls: boolean }[] {
  return [...text.matchAll(/^ *inet_listener[^{\n]*\{\n([^}]*)\}/gm)].flatMap(([, block = '']) => {
    const port = Number(/^ *port = (\d{1,5})$/m.exec(block)?.[1] ?? 0);
    return port === 0 ? [] : [{ port, isTls: /^ *ssl = yes$/m.test(block) }];
  });
}
