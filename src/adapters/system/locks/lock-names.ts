import { InternalError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import { shortened } from '../../../core/domain/path-component.js';

/** Words of parsed names: `run`, `website:example.com`, `website:*.example.com`. Nothing else can reach a path. */
const LOCK_NAME = /^[A-Za-z0-9_*][A-Za-z0-9_.:*@-]{0,299}$/;
/** Of the 255 bytes of a file name; suffixes want room. */
const LONGEST_COMPONENT = 200;

/** The path component of a lock's folder. @throws InternalError BUG for a name that was not made of parsed names */
export function lockFolderName(name: string): string {
  if (!LOCK_NAME.test(name)) throw new InternalError('BUG', `${quoteForMessage(name)} is not a lock's name`);
  return `${shortened(name.replaceAll('*', '_wildcard_'), LONGEST_COMPONENT)}.lock`;
}
