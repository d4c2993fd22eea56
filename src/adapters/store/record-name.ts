import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { parseHostName, parseIpIdentifier, pathComponentOf } from '../../core/domain/names.js';

/** File names end at 255 bytes; temporary suffixes and `.json` want room. */
const LONGEST_COMPONENT = 200;
const KEPT_OF_LONG = 150;
const DIGEST_LENGTH = 32;
const LENGTH_WITH_DIGEST = KEPT_OF_LONG + 1 + DIGEST_LENGTH;
const ENDS_IN_DIGEST = /-[0-9a-f]{32}$/;

/**
 * The file name that stands for a website or a name: its path component, `.json` behind it. Longer ones keep their
 * beginning and get a digest. @throws UsageError BAD_NAME: only what a parser accepts can reach a path
 */
export function recordFileName(name: string): string {
  return `${recordComponent(name)}.json`;
}

/** The name for which a file of ours stands; undefined when only its record can tell. */
export function nameOfRecordFile(file: string): string | undefined {
  const component = file.replace(/\.json$/, '');
  if (component.length === LENGTH_WITH_DIGEST && ENDS_IN_DIGEST.test(component)) return undefined;
  return component.replace(/^_wildcard_\./, '*.');
}

/** As `recordFileName`, for a folder. @throws UsageError BAD_NAME */
export function recordComponent(name: string): string {
  const component = isIP(name) === 0 ? pathComponentOf(parseHostName(name)) : parseIpIdentifier(name);
  if (component.length <= LONGEST_COMPONENT) return component;
  const digest = createHash('sha256').update(component).digest('hex').slice(0, DIGEST_LENGTH);
  return `${component.slice(0, KEPT_OF_LONG)}-${digest}`;
}
