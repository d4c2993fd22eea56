import { createHash } from 'node:crypto';
import { type DomainName, isWildcard, type WildcardName } from './name/names.js';

/** File names end at 255 bytes; `*.` takes nine more characters in a file name than in the name. */
const LONGEST_NAME_BYTES = 255;
/** Stands before the digest: in no parsed name, so that what is shortened is never another's name. */
const SHORTENED = '~';
/** Hex digits, 128 bits: no two names are ever found that share them. */
const DIGEST_LENGTH = 32;

/** The path component that stands for a name: `*.x` becomes `_wildcard_.x` (no parsed name can begin so). */
export function pathComponentOf(name: DomainName | WildcardName): string {
  return shortened(isWildcard(name) ? `_wildcard_${name.slice(1)}` : name, LONGEST_NAME_BYTES);
}

/**
 * The component itself where it is of `longest` characters or fewer, else its beginning, `~` and a digest of the whole:
 * always the same for the same one, and never the same for two. `component`: ASCII, without `~`.
 */
export function shortened(component: string, longest: number): string {
  if (component.length <= longest) return component;
  const digest = createHash('sha256').update(component).digest('hex').slice(0, DIGEST_LENGTH);
  return `${component.slice(0, longest - DIGEST_LENGTH - SHORTENED.length)}${SHORTENED}${digest}`;
}

/** Whether a component was shortened: then only what lies there tells its name. */
export function isShortened(component: string): boolean {
  return component.includes(SHORTENED);
}
