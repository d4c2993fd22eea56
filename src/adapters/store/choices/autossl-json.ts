import { ConfigurationError, StateError } from '../../../core/domain/autossl-error.js';
import { rewrittenJson } from '../../../core/domain/json/rewritten-json.js';
import { METADATA_DEFAULTS, type MetadataKey } from '../../../core/domain/metadata-key.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import type { HeldLock } from '../../../runs/ports/locks.js';
import type { AutosslConfiguration } from '../../../runs/ports/settings.js';
import { ensureFolder, writeFileAtomically } from '../../system/files/files.js';
import { FileLockKeeper } from '../../system/locks/locks.js';
import type { Tree } from '../../system/tree.js';
import { TreeReader } from '../../system/tree-reader.js';
import { isJsonObject, jsonTextOf, parseJsonObject } from '../records/json-object.js';

/** The mode of a file that we make; an existing one keeps its own. */
const NEW_FILE_MODE = 0o600;
const FOLDER_MODE = 0o755;
const SCHEMA_VERSION = 1;
const REPAIR = 'Repair the file, or restore it from a backup; it is left as it is.';
/** Somebody else may write between our reading and our renaming; a second such collision is no accident. */
const MAX_ATTEMPTS = 3;

/** The file's object, changed in place by whoever updates it. */
export type AutosslJson = Record<string, unknown>;

/** `/var/cpanel/autossl.json`; a missing file is a fresh server: disabled, with the defaults. @throws ConfigurationError BAD_SETTING */
export function readAutosslJson(tree: Tree): AutosslConfiguration {
  return configurationOf(tree.autosslJson(), readFile(tree).json);
}

function configurationOf(path: string, json: AutosslJson): AutosslConfiguration {
  const provider = json['provider'] ?? null;
  if (provider !== null && typeof provider !== 'string') throw bad(path, 'provider', 'a name or null');
  const acceptedTerms = new Map<string, string>();
  for (const [name, properties] of Object.entries(section(path, json, 'provider_properties'))) {
    const url = isJsonObject(properties) ? properties['terms_of_service_accepted'] : undefined;
    if (typeof url === 'string' && url !== '') acceptedTerms.set(name, url);
  }
  const metadata = new Map([...METADATA_DEFAULTS, ...chosenIn(path, json)]);
  return { provider: provider === '' ? null : provider, acceptedTerms, metadata };
}

/** The documented metadata keys that stand in the file, without defaults. @throws ConfigurationError BAD_SETTING */
export function readChosenMetadata(tree: Tree): ReadonlyMap<MetadataKey, boolean> {
  return chosenIn(tree.autosslJson(), readFile(tree).json);
}

function chosenIn(path: string, json: AutosslJson): Map<MetadataKey, boolean> {
  const written = section(path, json, 'metadata');
  const chosen = new Map<MetadataKey, boolean>();
  for (const key of METADATA_DEFAULTS.keys()) {
    if (written[key] === undefined || written[key] === null) continue;
    chosen.set(key, flag(path, key, written[key]));
  }
  return chosen;
}

/**
 * Reads the file, lets `mutate` change it and replaces it whole, one process after the other. What is not changed stays letter
 * by letter, as do the file's mode and owner. A file that cannot be used is never overwritten. @throws ConfigurationError BAD_SETTING, StateError WRITE_FAILED
 */
export async function updateAutosslJson(tree: Tree, mutate: (json: AutosslJson) => void): Promise<void> {
  const lock = await new FileLockKeeper(tree).acquire('autossl-json', 'changing autossl.json');
  try {
    await replaceFile(tree, mutate, lock);
  } finally {
    await lock.release();
  }
}

/** Programs that know nothing of our lock may write meanwhile. */
async function replaceFile(
  tree: Tree,
  mutate: (json: AutosslJson) => void,
  lock: Pick<HeldLock, 'assertHeld'>,
): Promise<void> {
  const path = tree.autosslJson();
  for (let attempt = 1; ; attempt++) {
    const { json, text, attributes } = readFile(tree);
    configurationOf(path, json);
    mutate(json);
    const contents = text === null ? JSON.stringify(json) : rewrittenJson(jsonTextOf(text), json);
    if (text === null) await ensureFolder(tree.at('/var/cpanel'), FOLDER_MODE);
    let isOvertaken = false;
    try {
      await writeFileAtomically(path, `${contents.trimEnd()}\n`, attributes, async () => {
        await lock.assertHeld();
        isOvertaken = readFile(tree).text !== text;
        if (isOvertaken) throw new StateError('WRITE_FAILED', `${quoteForMessage(path)} keeps changing`);
      });
      return;
    } catch (error) {
      if (!isOvertaken || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** Chooses the provider; null disables AutoSSL. */
export function selectProvider(json: AutosslJson, provider: string | null): void {
  json['_schema_version'] ??= SCHEMA_VERSION;
  json['provider'] = provider;
}

/** Records that the terms at the URL were accepted. */
export function acceptTerms(json: AutosslJson, provider: string, url: string): void {
  const properties = subObject(subObject(json, 'provider_properties'), provider);
  properties['terms_of_service_accepted'] = url;
}

/** Sets one metadata key, as the strings that the file is documented to hold. */
export function setMetadata(json: AutosslJson, key: MetadataKey, value: boolean): void {
  subObject(json, 'metadata')[key] = value ? '1' : '0';
}

interface FileState {
  readonly json: AutosslJson;
  /** Null when there is no file. */
  readonly text: string | null;
  readonly attributes: { readonly mode: number; readonly uid?: number; readonly gid?: number };
}

function readFile(tree: Tree): FileState {
  const path = tree.autosslJson();
  const reading = new TreeReader(tree).read(path);
  if (reading.state === 'absent') return { json: {}, text: null, attributes: { mode: NEW_FILE_MODE } };
  if (reading.state === 'unreadable') {
    throw new ConfigurationError('BAD_SETTING', `${quoteForMessage(path)} cannot be read: ${reading.why}`);
  }
  const { mode, uid, gid } = reading.facts;
  return {
    json: parseJsonObject(path, reading.text),
    text: reading.text,
    attributes: { mode: mode & 0o777, uid, gid },
  };
}

function section(path: string, json: AutosslJson, key: string): Record<string, unknown> {
  const value = json[key] ?? {};
  if (!isJsonObject(value)) throw bad(path, key, 'an object');
  return value;
}

/** The object under a key, made where there is none. @throws ConfigurationError BAD_SETTING where something else is there */
export function subObject(json: Record<string, unknown>, key: string): Record<string, unknown> {
  const existing = Object.hasOwn(json, key) ? json[key] : undefined;
  if (isJsonObject(existing)) return existing;
  if (existing !== undefined && existing !== null) {
    throw new ConfigurationError('BAD_SETTING', `autossl.json: ${quoteForMessage(key)} must be an object`, {
      advice: REPAIR,
    });
  }
  const made: Record<string, unknown> = {};
  Object.defineProperty(json, key, { value: made, enumerable: true, writable: true, configurable: true });
  return made;
}

function flag(path: string, key: string, value: unknown): boolean {
  if (value === '1' || value === 1 || value === true) return true;
  if (value === '0' || value === 0 || value === false || value === '') return false;
  throw bad(path, `metadata.${key}`, '0 or 1');
}

function bad(path: string, key: string, expectation: string): ConfigurationError {
  return new ConfigurationError('BAD_SETTING', `${quoteForMessage(path)}: ${key} must be ${expectation}`, {
    advice: REPAIR,
  });
}

/** Sets what is given and all other documented keys to their defaults; keys that are not ours stay. */
export function replaceMetadata(json: AutosslJson, values: ReadonlyMap<MetadataKey, boolean>): void {
  for (const [key, otherwise] of METADATA_DEFAULTS) setMetadata(json, key, values.get(key) ?? otherwise);
}
