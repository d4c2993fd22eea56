import type { ServerSite, WebServerKind } from '../served/server-site.js';
import type { SiteGroup } from './adoption-groups.js';
import { judgeServerName } from './adoption-names.js';

/** What is to be changed in a server's configuration so that a site serves our file. */
export interface ConfigurationChange {
  readonly file: string;
  /** Where the site begins. */
  readonly line: number;
  /** Directives of the site that go. */
  readonly replaces: readonly string[];
  /** Lines that come in their place. */
  readonly lines: readonly string[];
}

const DIRECTIVES = {
  nginx: ['ssl_certificate', 'ssl_certificate_key'],
  apache: ['SSLCertificateFile', 'SSLCertificateKeyFile'],
} as const;
/** What Apache adds to the chain of the file, which has its own. */
const APACHE_CHAIN = 'SSLCertificateChainFile';

/** The lines by which a site serves a certificate and key that lie in one file. */
export function certificateLines(server: WebServerKind, combinedFile: string): readonly string[] {
  const directives = DIRECTIVES[server];
  const width = Math.max(...directives.map(({ length }) => length));
  const end = server === 'nginx' ? ';' : '';
  return directives.map((directive) => `${directive.padEnd(width)} ${word(combinedFile)}${end}`);
}

/** The changes for a website's sites with TLS that name another file than ours; a site counts for the website of its first name. */
export function changesFor(group: SiteGroup, combinedFile: string): readonly ConfigurationChange[] {
  const own = new Set<string>([group.vhost, ...group.aliases]);
  return group.sites
    .filter((site) => isTls(site) && own.has(firstNameOf(site) ?? ''))
    .filter((site) => !namesOnly(site, combinedFile))
    .flatMap(({ server, file, line }): readonly ConfigurationChange[] =>
      server === 'service' ? [] : [{ file, line, ...changeOf(server, combinedFile) }],
    );
}

function changeOf(
  server: WebServerKind,
  combinedFile: string,
): Pick<ConfigurationChange, 'replaces' | 'lines'> {
  return {
    replaces: [...DIRECTIVES[server], ...(server === 'apache' ? [APACHE_CHAIN] : [])],
    lines: certificateLines(server, combinedFile),
  };
}

function isTls({ listens }: ServerSite): boolean {
  return listens.some((listen) => listen.isTls);
}

/** A file that is chosen by name is ours when its template fits. */
function namesOnly({ certificates, names }: ServerSite, combinedFile: string): boolean {
  const isOurs = (path: string): boolean =>
    path === combinedFile ||
    names.some((name) => path.replaceAll(/\$\{?ssl_server_name\}?/g, name) === combinedFile);
  return (
    certificates.length > 0 &&
    certificates.every(({ certificateFile, keyFile }) => isOurs(certificateFile) && isOurs(keyFile))
  );
}

function firstNameOf(site: ServerSite): string | undefined {
  for (const name of site.names) {
    const judged = judgeServerName(name);
    if ('name' in judged) return judged.name;
  }
  return undefined;
}

/** A path as a word of a configuration. */
function word(path: string): string {
  return /^[\w./:@%+,=-]+$/.test(path) ? path : `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
}
