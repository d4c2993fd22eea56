import { isIP } from 'node:net';
import * as v from 'valibot';
import { isRecipient } from '../../../core/notice/delivery/recipient.js';
import { splitCommandLine } from './command-line.js';

/* What settings are made of; each message ends a sentence, as settings-schema.ts says. */

/** The library takes a list for an object. */
export const mapping = (expected: string) =>
  v.custom<Readonly<Record<string, unknown>>>(
    (value) => typeof value === 'object' && !Array.isArray(value),
    expected,
  );

export const KEYS = 'a mapping of keys';
export const keys = <T extends v.ObjectEntries>(entries: T) =>
  v.pipe(mapping(KEYS), v.strictObject(entries, KEYS));

export const byName = <T extends v.GenericSchema>(
  key: v.GenericSchema<string, string>,
  value: T,
  expected: string,
) => v.optional(v.pipe(mapping(expected), v.record(key, value, expected)), {});

export const wholeNumber = (min: number, max: number, byDefault: number) => {
  const expected = `a whole number from ${min} to ${max}`;
  return v.optional(
    v.pipe(v.number(expected), v.integer(expected), v.minValue(min, expected), v.maxValue(max, expected)),
    byDefault,
  );
};

/** A span of time given in some unit; parts of the unit may be written. */
export const span = (min: number, max: number, unit: string) => {
  const expected = `a number of ${unit} from ${min} to ${max}`;
  return v.pipe(v.number(expected), v.minValue(min, expected), v.maxValue(max, expected));
};

export const choice = <const T extends readonly string[]>(options: T, byDefault: T[number]) =>
  v.optional(v.picklist(options, `one of ${options.join(', ')}`), byDefault);

export const text = (expected: string, pattern = /^[^\p{Cc}]+$/u) =>
  v.pipe(v.string(expected), v.regex(pattern, expected));
export const absolutePath = text('an absolute path', /^\/[^\p{Cc}]*$/u);

const RECIPIENT = 'a mail address or the name of a user of this server';
export const recipient = v.pipe(v.string(RECIPIENT), v.check(isRecipient, RECIPIENT));

export const SECRET = 'the secret itself or file:/path/of/a/file/that/holds/it';
export const commandBy = (program: RegExp, expected: string) =>
  v.union(
    [
      v.pipe(
        v.string(expected),
        v.check((line) => program.test(splitCommandLine(line)?.[0] ?? ''), expected),
        v.transform((line) => splitCommandLine(line) ?? []),
      ),
      v.pipe(
        v.array(v.pipe(v.string(expected), v.regex(/^[^\0]*$/, expected)), expected),
        v.check((words) => program.test(words[0] ?? ''), expected),
      ),
    ],
    expected,
  );
export const command = commandBy(/./s, 'a command without shell syntax, or a list of program and arguments');
/** Where a program's name is looked up is nothing that its owner can vouch for. */
export const hook = commandBy(
  /^\//,
  'a command without shell syntax that begins with the absolute path of a program',
);

export const PROGRAM = 'an absolute path or the name of a program';
export const ARGUMENTS = 'a list of arguments';

export const ADDRESS = 'an IP address';
export const address = v.pipe(
  v.string(ADDRESS),
  v.check((value) => isIP(value) !== 0, ADDRESS),
);

export const groupName = text('the name of a group', /^[A-Za-z0-9_][A-Za-z0-9._-]{0,31}$/);

const LAST_PORT = 65_535;
const PORT = `a whole number from 1 to ${LAST_PORT}`;
export const port = v.pipe(v.number(PORT), v.integer(PORT), v.minValue(1, PORT), v.maxValue(LAST_PORT, PORT));

/** What a daemon's own ways are replaced by. */
export const daemonKeys = {
  testCommand: v.optional(command),
  reloadCommand: v.optional(command),
  startCommand: v.optional(command),
  aliveCommand: v.optional(command),
  pidFile: v.optional(absolutePath),
  program: v.optional(text(PROGRAM, /^(?:\/[^\p{Cc}]+|[A-Za-z0-9._+-]+)$/u)),
  arguments: v.optional(v.array(text(ARGUMENTS, /^[^\0]*$/), ARGUMENTS), []),
  timeoutSeconds: v.optional(span(1, 3600, 'seconds'), 60),
};

const RESOLVER = 'an IP address with or without a port, such as 192.0.2.53:53 or [2001:db8::53]:53';
const DNS_PORT = 53;
export const resolver = v.pipe(
  v.string(RESOLVER),
  v.check((text) => withPort(text) !== undefined, RESOLVER),
  v.transform((text) => withPort(text) ?? text),
);

/** `address:port` with brackets around IPv6; undefined when it is neither. */
function withPort(text: string): string | undefined {
  if (isIP(text) !== 0) return isIP(text) === 4 ? `${text}:${DNS_PORT}` : `[${text}]:${DNS_PORT}`;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const number = Number(port);
  if (!(number >= 1 && number <= 65_535)) return undefined;
  if (plain !== undefined && isIP(plain) === 4) return `${plain}:${number}`;
  return bracketed !== undefined && isIP(bracketed) === 6 ? `[${bracketed}]:${number}` : undefined;
}
