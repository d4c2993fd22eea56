import { printable } from '../../domain/name/names.js';
import type { TemplateNode } from './parse-template.js';
import type { TemplateData } from './template-fields.js';
import type { TemplateFormat } from './template-name.js';

/** No message is longer, in characters: what is shown is bounded, only somebody's own template can say it too often. */
const LONGEST_MESSAGE = 1024 * 1024;
/** RFC 2822 recommends 78 for a line; mail programs quote with two characters. */
const TEXT_WIDTH = 76;
/** A subject is one line that mail programs show whole. */
const LONGEST_SUBJECT = 180;

/** The message, or null when it would be longer than any should be. */
export function renderTemplate(
  nodes: readonly TemplateNode[],
  data: TemplateData,
  format: TemplateFormat,
): string | null {
  const pieces = new Pieces(format === 'html' ? escapeHtml : printable);
  pieces.add(nodes, [data]);
  if (pieces.isTooLong) return null;
  const whole = pieces.text;
  if (format === 'subject') return printable(whole.replace(/\s+/g, ' ').trim()).slice(0, LONGEST_SUBJECT);
  return format === 'text' ? wrapped(whole) : whole;
}

/** Outside text as the text of an element or of a quoted attribute; what could hide its order is written out. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

class Pieces {
  readonly #escape: (text: string) => string;
  #text = '';

  constructor(escaped: (text: string) => string) {
    this.#escape = escaped;
  }

  get text(): string {
    return this.#text;
  }
  get isTooLong(): boolean {
    return this.#text.length > LONGEST_MESSAGE;
  }

  /** `scopes`: innermost first; lists are those of the innermost alone. */
  add(nodes: readonly TemplateNode[], scopes: readonly TemplateData[]): void {
    for (const node of nodes) {
      if (this.isTooLong) return;
      if (node.type === 'text') this.#text += node.text;
      else if (node.type === 'field') this.#text += this.#escape(fieldOf(node.name, scopes));
      else this.#addSection(node, scopes);
    }
  }

  #addSection(
    { type, name, nodes }: Extract<TemplateNode, { type: 'section' | 'inverted' }>,
    scopes: readonly TemplateData[],
  ): void {
    const lists = scopes[0]?.lists ?? {};
    const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
    const isThere = list === undefined ? fieldOf(name, scopes) !== '' : list.length > 0;
    if (type === 'inverted') {
      if (!isThere) this.add(nodes, scopes);
    } else if (list === undefined) {
      if (isThere) this.add(nodes, scopes);
    } else {
      for (const item of list) this.add(nodes, [item, ...scopes]);
    }
  }
}

function fieldOf(name: string, scopes: readonly TemplateData[]): string {
  return scopes.find(({ fields }) => Object.hasOwn(fields, name))?.fields[name] ?? '';
}

/** Long lines at blanks, with the indentation of their beginning; commands, which somebody pastes, as they are. */
function wrapped(text: string): string {
  return text.split('\n').flatMap(wrappedLine).join('\n');
}

function wrappedLine(line: string): string[] {
  const bare = line.trimEnd();
  if (bare.length <= TEXT_WIDTH || /^\s*autossl /.test(bare)) return [bare];
  const indent = /^\s*(?:[-*] )?/.exec(bare)?.[0] ?? '';
  const hanging = ' '.repeat(indent.length);
  const [first = '', ...words] = bare.slice(indent.length).split(' ');
  const lines: string[] = [];
  let current = indent + first;
  for (const word of words) {
    if (current.length + 1 + word.length <= TEXT_WIDTH) {
      current += ` ${word}`;
      continue;
    }
    lines.push(current);
    current = hanging + word;
  }
  return [...lines, current];
}
