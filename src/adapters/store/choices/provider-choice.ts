import { ConfigurationError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import type { ProviderChoice } from '../../../core/provider/choice.js';
import { readTextFileSync } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { isJsonObject, parseJsonObject } from '../records/json-object.js';
import { acceptTerms, selectProvider, subObject, updateAutosslJson } from './autossl-json.js';

/** Far more than any real `autossl.json` needs. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Which provider `autossl.json` names: `never-set` = there is no such key, `disabled` = null. */
export type ActiveProvider =
  | { readonly state: 'never-set' | 'disabled' }
  | { readonly state: 'chosen'; readonly name: string };

/** @throws ConfigurationError BAD_SETTING for a file that is no JSON object, and for a provider that is no text */
export function readActiveProvider(tree: Tree): ActiveProvider {
  const provider = readJson(tree)['provider'];
  if (provider === undefined) return { state: 'never-set' };
  if (provider === null || provider === '') return { state: 'disabled' };
  if (typeof provider === 'string') return { state: 'chosen', name: provider };
  // A typing mistake must not look like AutoSSL switched off.
  throw new ConfigurationError(
    'BAD_SETTING',
    `${quoteForMessage(tree.autosslJson())}: provider must be a name or null`,
    { advice: 'Repair the file, or restore it from a backup; it is left as it is.' },
  );
}

/** Where the providers that stand in for the active one are kept. */
const FALLBACKS = 'x_fallback_providers';

/** The providers that stand in for the active one, in their order; a list that is none counts as empty. @throws as `readActiveProvider` */
export function readFallbacks(tree: Tree): readonly string[] {
  const list = readJson(tree)[FALLBACKS];
  return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
}

/** What was said when the provider was chosen; null when it never was. */
export function readProviderChoice(tree: Tree, name: string): ProviderChoice | null {
  const all = readJson(tree)['provider_properties'];
  const properties = isJsonObject(all) ? all[name] : undefined;
  if (!isJsonObject(properties)) return null;
  const text = (key: string): string | null => {
    const value = properties[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    name,
    acceptedTermsUrl: text('terms_of_service_accepted'),
    directoryUrl: text('directory_url'),
    caBundlePath: text('ca_bundle'),
    eabKeyId: text('eab_kid'),
    eabHmacPath: text('eab_hmac_file'),
    profile: text('profile'),
    properties: textsOf(properties['properties']),
  };
}

/**
 * Keeps what was said about a provider in place of what was said before, and makes it the active one where `isSelected`;
 * `fallbacks`: who stands in for it from now on; other keys stay. @throws ConfigurationError BAD_SETTING, StateError WRITE_FAILED
 */
export async function saveProviderChoice(
  tree: Tree,
  choice: ProviderChoice,
  { isSelected, fallbacks }: { readonly isSelected: boolean; readonly fallbacks?: readonly string[] },
): Promise<void> {
  await updateAutosslJson(tree, (json) => {
    if (isSelected) selectProvider(json, choice.name);
    if (fallbacks !== undefined) {
      if (fallbacks.length === 0) delete json[FALLBACKS];
      else json[FALLBACKS] = fallbacks;
    }
    const properties = subObject(subObject(json, 'provider_properties'), choice.name);
    if (choice.acceptedTermsUrl === null) delete properties['terms_of_service_accepted'];
    else acceptTerms(json, choice.name, choice.acceptedTermsUrl);
    const said = {
      directory_url: choice.directoryUrl,
      ca_bundle: choice.caBundlePath,
      eab_kid: choice.eabKeyId,
      eab_hmac_file: choice.eabHmacPath,
      profile: choice.profile,
      properties: Object.keys(choice.properties).length === 0 ? null : choice.properties,
    };
    for (const [key, value] of Object.entries(said)) {
      if (value === null) delete properties[key];
      else properties[key] = value;
    }
  });
}

/** Switches AutoSSL off; what was said about providers stays. @throws ConfigurationError BAD_SETTING, StateError WRITE_FAILED */
export async function disableProvider(tree: Tree): Promise<void> {
  await updateAutosslJson(tree, (json) => selectProvider(json, null));
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function readJson(tree: Tree): Record<string, unknown> {
  const path = tree.autosslJson();
  tree.assertInside(path);
  const text = readTextFileSync(path, MAX_BYTES);
  return text === undefined ? {} : parseJsonObject(path, text);
}
