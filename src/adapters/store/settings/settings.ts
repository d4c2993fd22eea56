import { ConfigurationError } from '../../../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../../../core/domain/name/names.js';
import { nearestKey } from '../../../core/domain/nearest-key.js';
import { PROVIDERS } from '../../../core/provider/registry.js';
import type { ProviderSettings, Settings, WebServerSettings } from '../../../runs/ports/settings.js';
import type { Tree } from '../../system/tree.js';
import { TreeReader } from '../../system/tree-reader.js';
import { toDns } from '../dns/dns-settings.js';
import { groupNamed, MS_PER_SECOND, toDaemon } from './daemon-settings.js';
import { defaultSettings } from './default-settings.js';
import { toNotices } from './notice-settings.js';
import { toHostnameAddresses, toServices } from './service-settings.js';
import type { CheckedSettings, SettingIssue } from './settings-schema.js';
import { badSetting, type ReadFile, readSecret } from './written-secret.js';

const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const OTHERS_WRITE = 0o002;
const GROUP_OR_OTHERS_WRITE = 0o022;
/** Keys whose value no message may show. */
const SECRET_KEYS: ReadonlySet<string> = new Set(['eabHmac', 'apiKey', 'environment', 'password', 'secret']);
const MAX_ALIASES = 100;

/**
 * The settings of this installation; all defaults when there is no file. It names programs that root runs: as root it
 * must belong to root and be writable by nobody else; with a secret in it, readable by nobody else.
 * @throws ConfigurationError BAD_SETTING (naming file, key, value and expectation), UNSAFE_FILE, SECRET_EXPOSED
 */
export async function readSettings(tree: Tree): Promise<Settings> {
  const path = tree.settings();
  const reader = new TreeReader(tree);
  const reading = reader.read(path);
  if (reading.state === 'unreadable') throw badSetting(path, `it cannot be read: ${reading.why}`);
  if (reading.state === 'absent') return toSettings(tree, reader, path, undefined, defaultSettings());
  assertOwnersOnly(path, reading);
  const { checkSettings } = await import('./settings-schema.js');
  return toSettings(
    tree,
    reader,
    path,
    reading,
    checked(path, checkSettings(await parseYaml(path, reading.text))),
  );
}

function checked(path: string, result: CheckedSettings | readonly SettingIssue[]): CheckedSettings {
  if (!isIssues(result)) return result;
  const [first, ...others] = result;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw badSetting(path, `${first === undefined ? 'it is not valid' : sentenceOf(first)}${more}`);
}

function isIssues(result: CheckedSettings | readonly SettingIssue[]): result is readonly SettingIssue[] {
  return Array.isArray(result);
}

function sentenceOf({ path, expected, knownKeys, value }: SettingIssue): string {
  const key = path.length === 0 ? 'the file' : path.map(printable).join('.');
  if (expected !== null) {
    // Whoever knows the address of some webhooks may write there.
    const isSecret = path.some((part) => SECRET_KEYS.has(part)) || path.join('.') === 'notices.webhook.url';
    return `${key} is ${isSecret ? '***' : shown(value)}, but must be ${expected}`;
  }
  const nearest = nearestKey(path.at(-1) ?? '', knownKeys);
  return `there is no setting ${quoteForMessage(path.join('.'))}${nearest === undefined ? `; known here: ${knownKeys.join(', ')}` : `; did you mean “${nearest}”?`}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoteForMessage(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : 'a mapping';
}

async function toSettings(
  tree: Tree,
  reader: TreeReader,
  path: string,
  file: ReadFile | undefined,
  settings: CheckedSettings,
): Promise<Settings> {
  const { acme, hooks, run } = settings;
  const providers = Object.entries(settings.providers).map(([name, given]): [string, ProviderSettings] => [
    providerNamed(path, name),
    {
      directoryUrl: directoryOf(path, providerNamed(path, name), given.directoryUrl),
      caBundle: given.caBundle === undefined ? null : tree.at(given.caBundle),
      eabKeyId: given.eabKeyId ?? null,
      eabHmac:
        given.eabHmac === undefined
          ? null
          : readSecret(tree, reader, path, file, `providers.${name}.eabHmac`, given.eabHmac),
    },
  ]);
  return {
    webServers: toWebServers(tree, path, settings.webServer),
    services: await toServices(tree, path, settings.services),
    hostnameAddresses: toHostnameAddresses(settings.services),
    hooks: {
      preInstall: hooks.preInstall ?? null,
      postInstall: hooks.postInstall ?? null,
      rebuildAccount: hooks.rebuildAccount ?? null,
      timeoutMs: hooks.timeoutSeconds * MS_PER_SECOND,
    },
    placeholders: settings.placeholders,
    keyGroup: await groupNamed(tree, path, 'keyGroup', settings.keyGroup),
    http: settings.http,
    challenges: settings.challenges,
    dns: toDns({ tree, reader, path, file }, settings.dns),
    preflight: settings.preflight,
    caa: settings.caa,
    resolvers: settings.resolvers,
    addressMap: new Map(Object.entries(settings.addressMap)),
    concurrency: settings.concurrency,
    acme: {
      contacts: acme.contact,
      accountKeyType: acme.accountKeyType,
      timeoutMs: acme.timeoutSeconds * MS_PER_SECOND,
      preferredChain: acme.preferredChain ?? null,
    },
    mail: { to: settings.mail.to, sendmail: settings.mail.sendmail ?? null },
    notices: toNotices({ tree, reader, path, file }, settings.notices),
    providers: new Map(providers),
    limits: settings.limits,
    run: {
      deadlineMs: run.deadlineHours * MS_PER_HOUR,
      intervalMs: run.intervalHours * MS_PER_HOUR,
      outageMs: run.outageMinutes * MS_PER_MINUTE,
      patienceMs: run.patienceSeconds === undefined ? null : run.patienceSeconds * MS_PER_SECOND,
    },
    trustAnchors: settings.trustAnchors === undefined ? undefined : tree.at(settings.trustAnchors),
    reuseKey: settings.reuseKey,
    wildcardReduction: settings.wildcardReduction,
    revocation: settings.revocation,
  };
}

type GivenWebServer = Exclude<CheckedSettings['webServer'], readonly unknown[]>;

function toWebServers(
  tree: Tree,
  path: string,
  given: CheckedSettings['webServer'],
): readonly WebServerSettings[] {
  if (!Array.isArray(given)) return [toWebServer(tree, path, 'webServer', given)];
  if (given.length === 0) throw badSetting(path, 'webServer is an empty list; for no web server say “none”');
  const servers = given.map((one, index) => toWebServer(tree, path, `webServer.${index}`, one));
  for (const [index, server] of servers.entries()) {
    if (servers.length > 1 && (server.kind === 'auto' || server.kind === 'none'))
      throw badSetting(path, `webServer.${index}.kind is “${server.kind}”, which must be alone in the list`);
    const first = servers.findIndex((other) => isSameServer(other, server));
    if (first < index) {
      throw badSetting(
        path,
        `webServer.${first} and webServer.${index} are the same server; arguments or pidFile tell two of a kind apart`,
      );
    }
  }
  return servers;
}

/** Whether both would find the same process; commands are never the same. */
function isSameServer(a: WebServerSettings, b: WebServerSettings): boolean {
  if (a.kind !== b.kind || a.kind === 'command') return a === b;
  return a.pidFile === b.pidFile && a.arguments.join('\0') === b.arguments.join('\0');
}

function toWebServer(tree: Tree, path: string, key: string, given: GivenWebServer): WebServerSettings {
  return { kind: given.kind, ...toDaemon(tree, path, key, given) };
}

/** Whoever may write the settings may run commands as us. As another user than root, a group of one's own is usual. */
function assertOwnersOnly(path: string, { facts }: ReadFile): void {
  const own = process.getuid?.();
  const writable = own === 0 ? GROUP_OR_OTHERS_WRITE : OTHERS_WRITE;
  if ((facts.uid === 0 || facts.uid === own) && (facts.mode & writable) === 0) return;
  throw new ConfigurationError('UNSAFE_FILE', `${quoteForMessage(path)} may be written by others than root`, {
    advice: 'Make it root’s and give it mode 0600 or 0644.',
  });
}

/** The provider's own spelling of its name. @throws ConfigurationError BAD_SETTING when there is none of that name */
function providerNamed(path: string, name: string): string {
  const found = PROVIDERS.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found.name;
  const known = PROVIDERS.map((one) => one.name).join(', ');
  throw badSetting(
    path,
    `there is no provider ${quoteForMessage(name)} for the setting “providers”; known here: ${known}`,
  );
}

/** @throws ConfigurationError BAD_SETTING where the provider's directory is no question */
function directoryOf(path: string, name: string, given: string | undefined): string | null {
  const takers = PROVIDERS.filter(({ takesDirectory }) => takesDirectory).map((one) => one.name);
  if (given !== undefined && !takers.includes(name)) {
    throw badSetting(
      path,
      `providers.${name}.directoryUrl is set, but only ${takers.join(', ')} take the address of a directory`,
    );
  }
  return given ?? null;
}

async function parseYaml(path: string, text: string): Promise<unknown> {
  // The default export is what both node and the bundle give of a CommonJS library.
  const { parseDocument } = (await import('yaml')).default;
  let value: unknown;
  try {
    const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    value = document.toJS({ mapAsMap: true, maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : 'unknown error';
    throw badSetting(path, `it is not valid YAML: ${printable(why.replace(/:$/, ''))}`);
  }
  return value === null || value === undefined ? {} : plain(path, value, [], []);
}

/** Maps as objects without a prototype; a key without a value, as a section whose lines are all comments, is not given. */
function plain(path: string, value: unknown, at: readonly string[], within: readonly object[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (within.includes(value)) throw badSetting(path, `${at.join('.')} refers to itself`);
  const below = [...within, value];
  if (Array.isArray(value))
    return value.map((item, index) => plain(path, item, [...at, String(index)], below));
  if (!(value instanceof Map)) return value;
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, item] of value) {
    const name = String(key);
    // Schema libraries pass these over in silence.
    if (name === '__proto__' || name === 'constructor' || name === 'prototype') {
      throw badSetting(path, `there is no setting ${quoteForMessage([...at, name].join('.'))}`);
    }
    if (item !== null) object[name] = plain(path, item, [...at, name], below);
  }
  return object;
}
