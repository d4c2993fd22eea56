import { createHash } from 'node:crypto';
import { InternalError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/names.js';

/** Words of parsed names: `run`, `website:example.com`, `website:*.example.com`. Nothing else can reach a path. */
const LOCK_NAME = /^[A-Za-z0-9_*][A-Za-z0-9_.:*@-]{0,299}$/;
/** File names end at 255 bytes: longer names keep their beginning and get a digest. */
const LONGEST_COMPONENT = 200;
const KEPT_OF_LONG = 150;

/** The path component of a lock's folder. @throws InternalError BUG for a name that was not made of parsed names */
export function lockFolderName(name: string): string {
  if (!LOCK_NAME.test(name)) throw new InternalError('BUG', `${quoteForMessage(name)} is not a lock's name`);
  const component = name.replaceAll('*', '_wildcard_');
  if (component.length <= LONGEST_COMPONENT) return `${component}.lock`;
  const digest = createHash('sha256').update(component).digest('hex').slice(0, 32);
  return `${component.slice(0, KEPT_OF_LONG)}-${digest}.lock`;
}
