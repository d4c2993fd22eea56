import type { ServerSite } from './server-site.js';

/** Where the configurations of web servers say that certificates lie. */
export interface NamedPlaces {
  /** Paths as written. */
  readonly files: ReadonlySet<string>;
  /** Below these any file may be chosen at a handshake. */
  readonly folders: ReadonlySet<string>;
  /** What stands behind `apache_tls/` or `domain_tls/` anywhere, `apache_tls/x` for one; `apache_tls/` = any of them. */
  readonly mentions: ReadonlySet<string>;
}

/** Sources of a certificate that are no files. */
const NO_FILE = /^(?:data|engine|store):/;
/** How nginx, Apache, and Apache's macros write what is put in later. */
const VARIABLE = /[$%@]/;
const COMMENT_LINE = /^[^\S\n]*#.*$/gm;
const MENTION = /\b(apache_tls|domain_tls)(?:\/+([^\s/;"'{}<>]*))?/g;

/**
 * All that `sites` and the text of their configuration name. The text finds what sites do not tell: macros, streams, mail.
 * A path that is made of variables counts as naming everything that it can.
 */
export function namedPlacesOf(
  sites: readonly Pick<ServerSite, 'certificates'>[],
  texts: readonly string[],
): NamedPlaces {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const { certificates } of sites) {
    for (const path of certificates.flatMap(({ certificateFile, keyFile }) => [certificateFile, keyFile])) {
      if (NO_FILE.test(path)) continue;
      const variable = path.search(VARIABLE);
      if (variable === -1) files.add(path);
      else folders.add(folderOf(path.slice(0, variable)));
    }
  }
  return { files, folders, mentions: new Set(texts.flatMap(mentionsIn)) };
}

function mentionsIn(text: string): readonly string[] {
  return [...text.replace(COMMENT_LINE, '').matchAll(MENTION)].map(([, base = '', name = '']) =>
    VARIABLE.test(name) || /[*?[\]\\]/.test(name) ? `${base}/` : `${base}/${name}`,
  );
}

/** The folder that a path begins with; the root when it begins with a variable. */
function folderOf(beginning: string): string {
  return beginning.slice(0, beginning.lastIndexOf('/')) || '/';
}
