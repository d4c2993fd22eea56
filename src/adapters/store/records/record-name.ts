import { ipVersion } from '../../../core/domain/name/ip-version.js';
import { parseHostName, parseIpIdentifier } from '../../../core/domain/name/names.js';
import { isShortened, pathComponentOf, shortened } from '../../../core/domain/path-component.js';

/** Of the 255 bytes of a file name; suffixes want room. */
const LONGEST_COMPONENT = 200;

/**
 * The file name that stands for a website or a name: its path component, `.json` behind it. Longer ones are shortened.
 * @throws UsageError BAD_NAME: only what a parser accepts can reach a path
 */
export function recordFileName(name: string): string {
  return `${recordComponent(name)}.json`;
}

/** The name for which a file of ours stands; undefined when only its record can tell. */
export function nameOfRecordFile(file: string): string | undefined {
  const component = file.replace(/\.json$/, '');
  return isShortened(component) ? undefined : component.replace(/^_wildcard_\./, '*.');
}

/** As `recordFileName`, for a folder. @throws UsageError BAD_NAME */
export function recordComponent(name: string): string {
  if (ipVersion(name) !== 0) return parseIpIdentifier(name);
  return shortened(pathComponentOf(parseHostName(name)), LONGEST_COMPONENT);
}
