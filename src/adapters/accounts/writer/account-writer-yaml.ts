import type { Document, YAMLMap, YAMLSeq } from 'yaml';
import { normalName } from '../../../core/domain/account/account-layout.js';
import { StateError } from '../../../core/domain/autossl-error.js';
import type { WebsitePlacement, WebsiteRemoval } from '../../../core/domain/website/website-placement.js';

/** What a new website's file says beside its names. */
export interface NewWebsiteFacts {
  readonly account: string;
  readonly owner: string;
  readonly homeDirectory: string | null;
  /** The server's address; null when it is not known. */
  readonly ip: string | null;
}

/** Changes the texts of an account's YAML: what is not meant keeps its place, its comments and its spelling. */
export interface UserdataEditor {
  /** `main` with the website and its alias domains in it; null makes the first one. */
  addToMain(text: string | null, placement: WebsitePlacement): string;
  removeFromMain(text: string, removal: WebsiteRemoval): string;
  /** The website's own file; null makes a new one. */
  placeInVhost(
    text: string | null,
    website: Pick<WebsitePlacement, 'vhost' | 'documentRoot' | 'aliases'>,
    facts: NewWebsiteFacts,
  ): string;
  /** The website's own file with these aliases and no others. */
  setAliases(text: string, aliases: readonly string[]): string;
}

/** The plain http port: account files name one. */
const HTTP_PORT = '80';
const NEW_MAIN = '---\naddon_domains: {}\nmain_domain: unnamed\nparked_domains: []\nsub_domains: []\n';
/** Plain scalars that other readers would take for a number, a truth value or nothing. */
const AMBIGUOUS = /^(?:[\d.+-].*|true|false|yes|no|on|off|null|y|n|~)$/i;

/** Loads the YAML library and gives an editor. Its functions throw StateError CORRUPT_RECORD for texts of another shape. */
export async function loadUserdataEditor(): Promise<UserdataEditor> {
  const { isMap, isSeq, isScalar, parseDocument, Scalar, YAMLMap, YAMLSeq } = (await import('yaml')).default;

  const open = (text: string): Document =>
    parseDocument(text, { schema: 'failsafe', uniqueKeys: false, stringKeys: true, logLevel: 'error' });
  const print = (document: Document, before: string): string => {
    for (const key of ['addon_domains', 'parked_domains', 'sub_domains']) {
      const node = document.get(key, true);
      if ((isSeq(node) || isMap(node)) && node.items.length === 0) node.flow = true;
    }
    return document.toString({ lineWidth: 0, indentSeq: !/^- /m.test(before) });
  };
  const scalar = (value: string) => {
    const node = new Scalar(value);
    if (AMBIGUOUS.test(value)) node.type = Scalar.QUOTE_SINGLE;
    return node;
  };
  const set = (document: Document, key: string, value: string): void => {
    const present = document.get(key, true);
    if (isScalar(present)) {
      if (present.value !== value) {
        present.value = value;
        if (AMBIGUOUS.test(value)) present.type = Scalar.QUOTE_SINGLE;
      }
    } else document.set(key, scalar(value));
  };
  const isNothing = (node: unknown): boolean =>
    node === undefined || node === null || (isScalar(node) && /^(?:~|null|)$/.test(String(node.value ?? '')));
  const list = (document: Document, key: string): YAMLSeq => {
    const node = document.get(key, true);
    if (isSeq(node)) {
      node.flow &&= node.items.length > 0;
      return node;
    }
    if (!isNothing(node) && !(isMap(node) && node.items.length === 0)) throw unusable(key);
    const made = new YAMLSeq();
    document.set(key, made);
    return made;
  };
  const mapping = (document: Document, key: string): YAMLMap => {
    const node = document.get(key, true);
    if (isMap(node)) {
      node.flow &&= node.items.length > 0;
      return node;
    }
    if (!isNothing(node) && !(isSeq(node) && node.items.length === 0)) throw unusable(key);
    const made = new YAMLMap();
    document.set(key, made);
    return made;
  };
  const textOf = (node: unknown): string => normalName(String(isScalar(node) ? node.value : node));
  const addTo = (items: YAMLSeq, names: readonly string[]): void => {
    const present = new Set(items.items.map(textOf));
    for (const name of names) if (!present.has(name)) items.add(scalar(name));
  };

  return {
    addToMain(text, placement) {
      const document = open(text ?? NEW_MAIN);
      if (placement.isFirst) set(document, 'main_domain', placement.vhost);
      if (placement.kind === 'sub') addTo(list(document, 'sub_domains'), [placement.vhost]);
      if (placement.kind === 'addon') {
        const addons = mapping(document, 'addon_domains');
        if (!addons.items.some(({ key }) => textOf(key) === placement.vhost)) {
          addons.set(scalar(placement.vhost), scalar(placement.vhost));
        }
      }
      if (placement.parked.length > 0) addTo(list(document, 'parked_domains'), placement.parked);
      return print(document, text ?? '');
    },

    removeFromMain(text, { extent, vhost, names }) {
      const document = open(text);
      for (const key of ['parked_domains', 'sub_domains']) {
        const items = list(document, key);
        items.items = items.items.filter((item) => !names.has(textOf(item)));
      }
      const addons = mapping(document, 'addon_domains');
      const isGone = (item: YAMLMap['items'][number]): boolean =>
        names.has(textOf(item.key)) || (extent === 'website' && textOf(item.value) === vhost);
      addons.items = addons.items.filter((item) => !isGone(item));
      return print(document, text);
    },

    placeInVhost(text, { vhost, documentRoot, aliases }, facts) {
      const document = open(text ?? '---\n{}\n');
      if (text === null) {
        const { contents } = document;
        if (isMap(contents)) contents.flow = false;
        const values: readonly (readonly [string, string | null])[] = [
          ['documentroot', documentRoot],
          ['group', facts.account],
          ['homedir', facts.homeDirectory],
          ['ip', facts.ip],
          ['owner', facts.owner],
          ['port', HTTP_PORT],
          ['serveralias', aliases.join(' ')],
          ['servername', vhost],
          ['user', facts.account],
        ];
        for (const [key, value] of values) if (value !== null) document.set(key, scalarFor(key, value));
      } else {
        set(document, 'documentroot', documentRoot);
        set(document, 'serveralias', aliases.join(' '));
      }
      return print(document, text ?? '');
    },

    setAliases(text, aliases) {
      const document = open(text);
      set(document, 'serveralias', aliases.join(' '));
      return print(document, text);
    },
  };

  function scalarFor(key: string, value: string) {
    return key === 'port' || key === 'ip' ? new Scalar(value) : scalar(value);
  }
}

function unusable(key: string): StateError {
  return new StateError('CORRUPT_RECORD', `${key} of the account's main file is of an unknown shape`, {
    advice: 'Mend the file by hand; nothing was changed.',
  });
}
