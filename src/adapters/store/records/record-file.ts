import { StateError } from '../../../core/domain/autossl-error.js';
import { isTooDeep } from '../../../core/domain/json/nesting.js';
import { rewrittenJson } from '../../../core/domain/json/rewritten-json.js';
import { reasonOf } from '../../../core/domain/system-fault.js';
import { listFolder, readTextFileSync, writeFileAtomically } from '../../system/files/files.js';
import { movePath } from '../../system/files/moved-paths.js';
import { corrupt, RecordFields } from './record-fields.js';

/** The version of every record that this program writes and understands. */
export const SCHEMA_VERSION = 1;
/** No record of ours comes near it; what is larger is no record. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024;
const RECORD_MODE = 0o600;
const SUFFIX = '.json';
/** What stands behind the name of a file that held no JSON when it was to be rewritten. */
const DAMAGED_SUFFIX = '.damaged';

/** Names of the record files in a folder, without `.json`; none where there is no folder. @throws StateError TREE_UNREADABLE */
export async function recordNamesIn(folder: string): Promise<readonly string[]> {
  const files = await listFolder(folder);
  return files.filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -SUFFIX.length));
}

/** A record's keys as they lie in the file, the unknown ones included. */
export type RawRecord = Readonly<Record<string, unknown>>;

/**
 * The record of a file, or undefined when there is none. @throws StateError CORRUPT_RECORD naming the file: not JSON, a key of
 * the wrong kind, or written by a newer version of this program.
 */
export function readRecordFile<T>(
  path: string,
  parse: (fields: RecordFields, raw: RawRecord) => T,
): T | undefined {
  const raw = readRawRecord(path);
  return raw === undefined ? undefined : parse(new RecordFields(raw, path), raw);
}

/** As `readRecordFile`, with nothing but the version judged. */
export function readRawRecord(path: string): RawRecord | undefined {
  const text = readRecordText(path);
  return text === undefined ? undefined : rawRecordOf(path, text);
}

function readRecordText(path: string): string | undefined {
  try {
    return readTextFileSync(path, MAX_RECORD_BYTES);
  } catch (error) {
    if (error instanceof StateError) throw error;
    throw corrupt(path, reasonOf(error), 'Check its owner and mode; run as root.');
  }
}

function rawRecordOf(path: string, text: string): RawRecord {
  if (isTooDeep(text)) throw corrupt(path, 'it is nested too deep');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw corrupt(path, 'it is not JSON');
  }
  const version = new RecordFields(value, path).count('schemaVersion');
  if (version !== SCHEMA_VERSION) {
    throw corrupt(
      path,
      `its schemaVersion is ${version}, and this program knows ${SCHEMA_VERSION}`,
      'A newer version wrote it: go on with that version. Nothing was changed.',
    );
  }
  return value as RawRecord;
}

/**
 * Writes the record durably, keeping the keys of the file there that this program does not know, letter by letter, and those of `former`, which it
 * takes the place of. A file there that holds no JSON is kept beside it as `….damaged`; one of a newer version is never touched.
 * @throws StateError CORRUPT_RECORD (newer version), WRITE_FAILED, NO_SPACE
 */
export async function writeRecordFile(path: string, record: object, former?: string): Promise<void> {
  const inPlace = await readForRewrite(path);
  const moved = former === undefined ? {} : await readForRewrite(former);
  const kept = { ...moved, ...inPlace };
  const whole = { ...kept, ...record, schemaVersion: SCHEMA_VERSION };
  const from = Object.keys(inPlace).length > 0 ? path : former;
  const source = Object.keys(kept).length === 0 || from === undefined ? undefined : readRecordText(from);
  const text = source === undefined ? JSON.stringify(whole, null, 1) : rewrittenJson(source, whole).trimEnd();
  await writeFileAtomically(path, `${text}\n`, { mode: RECORD_MODE, uid: 0, gid: 0 });
}

/**
 * What lies in a file that is about to be rewritten, for its unknown keys; a file that holds no record is moved aside first.
 * @throws StateError CORRUPT_RECORD for a newer version's record
 */
export async function readForRewrite(path: string): Promise<RawRecord> {
  try {
    return readRawRecord(path) ?? {};
  } catch (error) {
    if (hasVersion(path)) throw error;
    await movePath(path, `${path}${DAMAGED_SUFFIX}`);
    return {};
  }
}

/** Whether the file, unusable as it is, says of which version it is: then it is somebody's record. */
function hasVersion(path: string): boolean {
  try {
    const text = readTextFileSync(path, MAX_RECORD_BYTES) ?? '';
    if (isTooDeep(text)) return false;
    const value = JSON.parse(text) as { schemaVersion?: unknown } | null;
    return value?.schemaVersion !== undefined;
  } catch {
    return false;
  }
}
