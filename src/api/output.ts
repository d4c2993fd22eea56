import { UsageError } from '../core/domain/autossl-error.js';
import { quoteForMessage } from '../core/domain/name/names.js';
import { plainYaml } from './plain-yaml.js';

/** How an answer is printed; `yaml` is the documented default. */
export type OutputFormat = 'yaml' | 'json' | 'jsonpretty';
export const OUTPUT_FORMATS: readonly OutputFormat[] = ['yaml', 'json', 'jsonpretty'];

/** @throws UsageError BAD_ARGUMENT for a format that there is not */
export function parseOutputFormat(text: string): OutputFormat {
  const format = OUTPUT_FORMATS.find((one) => one === text);
  if (format === undefined) {
    throw new UsageError(
      'BAD_ARGUMENT',
      `there is no output format ${quoteForMessage(text)}; choose ${OUTPUT_FORMATS.join(', ')}`,
    );
  }
  return format;
}

/**
 * The answer as text that ends with a newline; members in the order of their names, as the documented samples have them.
 * Control characters come out escaped in every format.
 */
export async function renderAnswer(answer: object, format: OutputFormat): Promise<string> {
  const sorted = inOrderOfNames(answer);
  if (format === 'json') return `${escaped(JSON.stringify(sorted))}\n`;
  if (format === 'jsonpretty') return `${escaped(JSON.stringify(sorted, null, 3))}\n`;
  const plain = plainYaml(sorted);
  if (plain !== undefined) return `---\n${plain}`;
  const { Document, visit } = (await import('yaml')).default;
  const document = new Document(sorted, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Scalar(_, scalar) {
      // Escapes are such between double quotes only.
      if (typeof scalar.value === 'string' && STEERING.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return `---\n${escaped(document.toString({ lineWidth: 0 }))}`;
}

/** What JSON and YAML leave as it is and a terminal obeys: C1 controls, DEL, and characters that change direction. */
const STEERING = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const ALL_STEERING = new RegExp(STEERING, 'g');

function inOrderOfNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrderOfNames);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrderOfNames(member)]));
}

function escaped(text: string): string {
  return text.replace(
    ALL_STEERING,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
