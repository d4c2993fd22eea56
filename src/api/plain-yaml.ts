/** Text that YAML 1.1 and 1.2 read as it stands: letters first, nothing that steers, no colon, number sign or quote. */
const PLAIN = /^[A-Za-z](?:[A-Za-z0-9 _.,/()-]{0,200}[A-Za-z0-9_/.)])?$/;
/** What a version of YAML, or the library, takes for a boolean, for nothing or for a number. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|e[-\d].*)$/i;
const KEY = /^[A-Za-z][A-Za-z0-9_]{0,100}$/;
const INDENT = '  ';

/**
 * The value as block YAML, as the library `yaml` writes it; undefined where anything in it takes more than plain words and whole
 * numbers, which is the library's to write. Loading that costs more than most answers.
 */
export function plainYaml(value: unknown): string | undefined {
  const lines = isMapping(value) ? mappingLines(value) : undefined;
  return lines === undefined || lines.length === 0 ? undefined : `${lines.join('\n')}\n`;
}

function mappingLines(mapping: object): string[] | undefined {
  const lines: string[] = [];
  for (const [key, value] of Object.entries(mapping)) {
    if (!KEY.test(key) || RESERVED.test(key)) return undefined;
    const scalar = scalarText(value);
    if (scalar !== undefined) lines.push(`${key}: ${scalar}`);
    else {
      const inner = blockLines(value);
      if (inner === undefined) return undefined;
      lines.push(`${key}:`, ...inner.map((line) => INDENT + line));
    }
  }
  return lines;
}

function blockLines(value: unknown): string[] | undefined {
  if (Array.isArray(value)) return listLines(value);
  return isMapping(value) ? mappingLines(value) : undefined;
}

function listLines(items: readonly unknown[]): string[] | undefined {
  const lines: string[] = [];
  for (const item of items) {
    const scalar = scalarText(item);
    const [first, ...others] =
      scalar === undefined && isMapping(item) ? (mappingLines(item) ?? []) : [scalar];
    if (first === undefined) return undefined;
    lines.push(`- ${first}`, ...others.map((line) => INDENT + line));
  }
  return lines;
}

/** What stands on one line: a word, a number, nothing, or what is empty. */
function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return PLAIN.test(value) && !RESERVED.test(value) ? value : undefined;
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
  if (typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : undefined;
  return isMapping(value) && Object.keys(value).length === 0 ? '{}' : undefined;
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
