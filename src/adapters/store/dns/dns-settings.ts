import type { DnsEditorSettings, DnsSettings } from '../../../runs/ports/settings.js';
import { assertPrivate } from '../../system/files/secret-file.js';
import type { Tree } from '../../system/tree.js';
import type { TreeReader } from '../../system/tree-reader.js';
import { MS_PER_SECOND } from '../settings/daemon-settings.js';
import type { CheckedSettings } from '../settings/settings-schema.js';
import { badSetting, type ReadFile, readSecret } from '../settings/written-secret.js';

/** Where the settings come from. */
export interface SettingsFile {
  readonly tree: Tree;
  readonly reader: TreeReader;
  readonly path: string;
  readonly file: ReadFile | undefined;
}

type GivenEditor = CheckedSettings['dns']['editors'][number];
/** Sourced scripts are called by functions that are named after them. */
const DNS_API = /^dns_[A-Za-z0-9_]+\.sh$/;

/** @throws ConfigurationError BAD_SETTING, SECRET_EXPOSED (a TSIG key or a secret that others may read) */
export function toDns(source: SettingsFile, given: CheckedSettings['dns']): DnsSettings {
  return {
    editors: given.editors.map((editor, index) => toEditor(source, `dns.editors.${index}`, editor)),
    authoritative: new Map(Object.entries(given.authoritative)),
    delegations: given.delegations,
    propagationMs: given.propagationSeconds * MS_PER_SECOND,
    intervalMs: given.intervalSeconds * MS_PER_SECOND,
  };
}

function toEditor(source: SettingsFile, key: string, given: GivenEditor): DnsEditorSettings {
  const { tree, reader, path, file } = source;
  const timeoutMs = given.timeoutSeconds * MS_PER_SECOND;
  const secret = (name: string, text: string) => readSecret(tree, reader, path, file, `${key}.${name}`, text);
  switch (given.kind) {
    case 'nsupdate': {
      const { kind, server, zones } = given;
      return {
        kind,
        server,
        zones,
        timeoutMs,
        keyFile: privateFile(source, `${key}.keyFile`, given.keyFile),
      };
    }
    case 'powerdns': {
      const { kind, serverId, zones } = given;
      const url = given.url.replace(/\/+$/, '');
      return { kind, url, serverId, zones, timeoutMs, apiKey: secret('apiKey', given.apiKey) };
    }
    case 'hook': {
      const { kind, style, command, zones } = given;
      assertOfStyle(path, key, given);
      const environment = Object.entries(given.environment).map(
        ([name, text]) => [name, secret(`environment.${name}`, text)] as const,
      );
      return {
        kind,
        style,
        command,
        zones,
        timeoutMs,
        cleanupCommand: given.cleanupCommand ?? null,
        acmeSh: given.acmeSh ?? null,
        environment: new Map(environment),
      };
    }
  }
}

function assertOfStyle(path: string, key: string, given: Extract<GivenEditor, { kind: 'hook' }>): void {
  const { style, command, cleanupCommand, acmeSh } = given;
  const refuse = (why: string): never => {
    throw badSetting(path, `${key}${why}`);
  };
  if (style === 'certbot' && cleanupCommand === undefined) {
    refuse('.cleanupCommand is missing: without certbot’s second hook no record would be taken away');
  }
  if (style !== 'certbot' && cleanupCommand !== undefined) refuse('.cleanupCommand is for the style certbot');
  if (style !== 'acme.sh' && acmeSh !== undefined) refuse('.acmeSh is for the style acme.sh');
  const file = command[0]?.split('/').at(-1) ?? '';
  if (style === 'acme.sh' && (!DNS_API.test(file) || command.length > 1)) {
    refuse('.command must be the path of one script of acme.sh’s dnsapi, such as dns_cf.sh');
  }
}

/** A file whose content others than its owner may not read. */
function privateFile({ tree, reader, path }: SettingsFile, key: string, named: string): string {
  const at = tree.at(named);
  const reading = reader.read(at);
  if (reading.state !== 'read') {
    throw badSetting(
      path,
      `${key} names ${at}: ${reading.state === 'absent' ? 'there is no such file' : reading.why}`,
    );
  }
  assertPrivate(at, reading.facts);
  return at;
}
