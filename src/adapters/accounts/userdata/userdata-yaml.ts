import type { DocumentOptions, ParseOptions, SchemaOptions, ToJSOptions } from 'yaml';

/** A YAML mapping as a Map, so that no key of it can be a property of an object; every scalar is text as written. */
export type YamlMapping = ReadonlyMap<string, unknown>;

export type YamlReader = (text: string) => YamlMapping | string;

/** The documented files hold no anchors; a few may come from a dumper, thousands are an attack or an accident. */
const MAX_ALIASES = 100;

const PARSING: ParseOptions & DocumentOptions & SchemaOptions = {
  schema: 'failsafe',
  // The library compares each key with all before it: half a minute for 50,000. Counted below instead.
  uniqueKeys: false,
  stringKeys: true,
  prettyErrors: false,
  logLevel: 'error',
};
const CONVERTING: ToJSOptions = { mapAsMap: true, maxAliasCount: MAX_ALIASES };

/** Loads the YAML library (only servers whose account data is read from YAML need it) and gives a reader of mappings. */
export async function loadYamlReader(): Promise<YamlReader> {
  // The default export is what both node and the bundle give of a CommonJS library.
  const { isMap, parseDocument } = (await import('yaml')).default;
  /** The top mapping of a document, or why there is none, as one clause. Takes any text. */
  return (text) => {
    try {
      const document = parseDocument(text, PARSING);
      const [error] = document.errors;
      if (error !== undefined) return `it is not valid YAML: ${error.message.split('\n', 1)[0]}`;
      if (!isMap(document.contents)) return 'it is not a YAML mapping';
      const mapping: Map<string, unknown> = document.toJS(CONVERTING);
      return mapping.size === document.contents.items.length ? mapping : 'it has a key twice';
    } catch (error) {
      return `it is not usable YAML: ${error instanceof Error ? error.message.split('\n', 1)[0] : 'unknown error'}`;
    }
  };
}

/** `userdata/USER/main`; names as written. */
export interface MainFile {
  readonly mainDomain: string;
  /** Addon domain → the subdomain that its website is named by. */
  readonly addons: ReadonlyMap<string, string>;
  readonly parked: readonly string[];
  readonly subdomains: readonly string[];
}

/** The file's facts, or why it has none. Absent lists are empty. */
export function readMainFile(mapping: YamlMapping): MainFile | string {
  const mainDomain = mapping.get('main_domain');
  if (typeof mainDomain !== 'string' || mainDomain === '') return 'it has no main_domain';
  const addons = textsByKey(mapping.get('addon_domains'));
  if (addons === undefined) return 'addon_domains is not a mapping of names';
  const parked = texts(mapping.get('parked_domains'));
  if (parked === undefined) return 'parked_domains is not a list of names';
  const subdomains = texts(mapping.get('sub_domains'));
  if (subdomains === undefined) return 'sub_domains is not a list of names';
  return { mainDomain, addons, parked, subdomains };
}

/** `userdata/USER/<vhost>`; texts as written. */
export interface VhostFile {
  /** Undefined when the file leaves it to its own name. */
  readonly servername: string | undefined;
  readonly aliases: readonly string[];
  readonly documentRoot: string;
  readonly homeDirectory: string | null;
}

/** The file's facts, or why it has none. */
export function readVhostFile(mapping: YamlMapping): VhostFile | string {
  const documentRoot = mapping.get('documentroot');
  if (typeof documentRoot !== 'string' || documentRoot === '') return 'it has no documentroot';
  const servername = mapping.get('servername');
  if (servername !== undefined && typeof servername !== 'string') return 'servername is not a name';
  const aliases = mapping.get('serveralias') ?? '';
  if (typeof aliases !== 'string') return 'serveralias is not a line of names';
  const home = mapping.get('homedir');
  return {
    servername: servername || undefined,
    aliases: aliases.split(/[ \t]+/).filter((alias) => alias !== ''),
    documentRoot,
    homeDirectory: typeof home === 'string' && home !== '' ? home : null,
  };
}

/** A list of texts; an absent or empty value (`~`, `{}`, nothing) is an empty one. */
function texts(value: unknown): readonly string[] | undefined {
  if (isNothing(value)) return [];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

function textsByKey(value: unknown): ReadonlyMap<string, string> | undefined {
  if (isNothing(value)) return new Map();
  if (!(value instanceof Map)) return undefined;
  return [...value.values()].every((item) => typeof item === 'string') ? value : undefined;
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === '~' || value === 'null') return true;
  return value instanceof Map ? value.size === 0 : Array.isArray(value) && value.length === 0;
}
