import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { parseHostName, parseIpIdentifier, pathComponentOf } from '../../core/domain/names.js';

/** File names end at 255 bytes; temporary suffixes and `.json` want room. */
const LONGEST_COMPONENT = 200;
const KEPT_OF_LONG = 150;

/**
 * The file name that stands for a website or a name: its path component, `.json` behind it. Longer ones keep their
 * beginning and get a digest. @throws UsageError BAD_NAME: only what a parser accepts can reach a path
 */
export function recordFileName(name: string): string {
  return `${recordComponent(name)}.json`;
}

/** As `recordFileName`, for a folder. @throws UsageError BAD_NAME */
export function recordComponent(name: string): string {
  const component = isIP(name) === 0 ? pathComponentOf(parseHostName(name)) : parseIpIdentifier(name);
  if (component.length <= LONGEST_COMPONENT) return component;
  const digest = createHash('sha256').update(component).digest('hex').slice(0, 32);
  return `${component.slice(0, KEPT_OF_LONG)}-${digest}`;
}
