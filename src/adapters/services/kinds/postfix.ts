import type { SitePair, StartTlsProtocol } from '../../../core/plan/served/server-site.js';
import type { DaemonInvocation, DaemonKind, DaemonTls } from '../daemon-kind.js';
import { checkBy, optionIn, outputOf, programBeside } from '../daemon-programs.js';

const USUAL_FOLDER = '/etc/postfix';
/** Services by their names in master.cf. */
const PORTS: Readonly<Record<string, number>> = {
  smtp: 25,
  smtps: 465,
  submissions: 465,
  ssmtp: 465,
  urd: 465,
  submission: 587,
};
const SETTINGS = [
  'smtpd_tls_chain_files',
  'smtpd_tls_cert_file',
  'smtpd_tls_key_file',
  'smtpd_tls_eccert_file',
  'smtpd_tls_eckey_file',
];

/** Postfix. Its smtpd processes have the certificate of when they were started: a reload lets new ones come. */
export const postfix: DaemonKind = {
  kind: 'postfix',
  title: 'Postfix',
  programs: ['master'],
  usualPaths: ['/usr/sbin/postfix'],
  configurations: [`${USUAL_FOLDER}/main.cf`],
  initScript: 'postfix',
  // Others have a program of this name too.
  isMain: ({ program }) => /\/postfix\/(?:.*\/)?master$/.test(program),
  users: [],
  variables: ['MAIL_CONFIG'],
  argumentsOf: ({ environment }) => {
    const folder = environment['MAIL_CONFIG'];
    return folder === undefined ? [] : ['-c', folder];
  },
  test: (invocation) => checkBy(invocation, [...own(invocation, 'postfix'), 'check']),
  startCommand: (invocation) => [...own(invocation, 'postfix'), 'start'],
  readTls,
};

async function readTls(invocation: DaemonInvocation): Promise<DaemonTls | { readonly fault: string }> {
  const settings = await outputOf(invocation, [...own(invocation, 'postconf'), '-x', '-h', ...SETTINGS]);
  if (typeof settings !== 'string') return settings;
  const services = await outputOf(invocation, [...own(invocation, 'postconf'), '-M']);
  if (typeof services !== 'string') return services;
  const ports = smtpPortsIn(services);
  return {
    certificates: pairsIn(settings.split('\n')),
    beginsAt: (port) => ports.get(port) ?? null,
    file: `${optionIn(invocation.arguments, '-c') ?? USUAL_FOLDER}/main.cf`,
    taking: { command: [...own(invocation, 'postfix'), 'reload'] },
  };
}

function own(invocation: DaemonInvocation, name: string): readonly string[] {
  return [programBeside(invocation, name), ...invocation.arguments];
}

/** Of the values of `SETTINGS`: files with key and chain in one come before all others; pure. */
export function pairsIn([chains = '', ...files]: readonly string[]): readonly SitePair[] {
  const whole = chains.split(/[\s,]+/).filter((path) => path.startsWith('/'));
  if (whole.length > 0) {
    // A key may lie in the file before its chain.
    return whole.length === 2 && !/\.pem$/.test(whole[0] ?? '')
      ? [{ certificateFile: whole[1] ?? '', keyFile: whole[0] ?? '', isVariable: false }]
      : whole.map((path) => ({ certificateFile: path, keyFile: path, isVariable: false }));
  }
  return [0, 2].flatMap((first) => {
    const [certificateFile = '', keyFile = ''] = files.slice(first, first + 2);
    if (!certificateFile.startsWith('/')) return [];
    return [
      { certificateFile, keyFile: keyFile.startsWith('/') ? keyFile : certificateFile, isVariable: false },
    ];
  });
}

/** How TLS begins at the ports of smtpd and postscreen, from what `postconf -M` prints; pure. */
export function smtpPortsIn(text: string): ReadonlyMap<number, 'tls' | StartTlsProtocol> {
  const ports = new Map<number, 'tls' | StartTlsProtocol>();
  // Options follow on lines that begin with blanks.
  for (const entry of text.split(/\n(?=\S)/)) {
    const [name = '', type, , , , , , program = ''] = entry.trim().split(/\s+/);
    if (type !== 'inet' || !['smtpd', 'postscreen'].includes(program)) continue;
    const word = name.split(':').at(-1) ?? '';
    const port = /^\d{1,5}$/.test(word) ? Number(word) : (PORTS[word] ?? 0);
    if (port === 0 || /smtpd_tls_security_level=none\b/.test(entry)) continue;
    ports.set(port, /smtpd_tls_wrappermode=yes\b/.test(entry) ? 'tls' : 'smtp');
  }
  return ports;
}
