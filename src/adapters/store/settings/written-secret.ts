import { ConfigurationError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import { Secret } from '../../../core/domain/secret.js';
import { assertPrivate } from '../../system/files/secret-file.js';
import type { Tree } from '../../system/tree.js';
import type { FileReading, TreeReader } from '../../system/tree-reader.js';

const FILE_REFERENCE = 'file:';

/** Shorter ones can be tried out by whoever saw one signed message. In characters. */
export const LEAST_WEBHOOK_SECRET = 16;

export type ReadFile = Extract<FileReading, { state: 'read' }>;

/** @throws ConfigurationError BAD_SETTING where the file that holds a secret is not named by an absolute path */
export function assertSecretReference(settingsPath: string, key: string, text: string): void {
  if (text.startsWith(FILE_REFERENCE) && !text.startsWith(`${FILE_REFERENCE}/`))
    throw badSetting(settingsPath, `${key} must name its file by an absolute path`);
}

/**
 * A secret written in the settings, or what the file holds that they refer to, without white space around it.
 * @throws ConfigurationError SECRET_EXPOSED when others than the owner may open that file, BAD_SETTING when there is none
 */
export function readSecret(
  tree: Tree,
  reader: TreeReader,
  settingsPath: string,
  settingsFile: ReadFile | undefined,
  key: string,
  text: string,
): Secret {
  if (!text.startsWith(FILE_REFERENCE)) {
    if (settingsFile !== undefined) assertPrivate(settingsPath, settingsFile.facts);
    return new Secret(text);
  }
  assertSecretReference(settingsPath, key, text);
  const path = tree.at(text.slice(FILE_REFERENCE.length));
  const reading = reader.read(path);
  if (reading.state !== 'read') {
    const why = reading.state === 'absent' ? 'there is no such file' : reading.why;
    throw badSetting(settingsPath, `${key} names ${quoteForMessage(path)}: ${why}`);
  }
  assertPrivate(path, reading.facts);
  const secret = reading.text.trim();
  if (secret === '') throw badSetting(settingsPath, `${key} names ${quoteForMessage(path)}, which is empty`);
  return new Secret(secret);
}

/** Something wrong with the settings file. */
export function badSetting(path: string, why: string): ConfigurationError {
  return new ConfigurationError('BAD_SETTING', `${quoteForMessage(path)}: ${why}`);
}
