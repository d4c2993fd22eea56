import { quoteForMessage } from '../../domain/name/names.js';
import type { TemplateShape } from './template-fields.js';

/** No template is longer, in bytes: a page with a company's style and words has a tenth. */
export const MAX_TEMPLATE_BYTES = 64 * 1024;
/** Sections in sections: message, website, name, and a condition in each, twice. */
const MAX_DEPTH = 8;

/** A piece of a template. */
export type TemplateNode =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'field'; readonly name: string }
  /** Of a list: once for each item. Of a text: once, where there is one. */
  | { readonly type: 'section'; readonly name: string; readonly nodes: readonly TemplateNode[] }
  /** Where there is none. */
  | { readonly type: 'inverted'; readonly name: string; readonly nodes: readonly TemplateNode[] };

/** `why` is one printable clause. */
export type ParsedTemplate = { readonly nodes: readonly TemplateNode[] } | { readonly why: string };

/**
 * A template: text with `{{field}}`, `{{#list or field}}…{{/…}}`, `{{^list or field}}…{{/…}}` and `{{! comment }}`. Nothing in
 * it is carried out, and a name that there is not is a refusal, so that a typing error never costs somebody a notice. A line that
 * holds nothing but sections' tags vanishes.
 */
export function parseTemplate(text: string, shape: TemplateShape): ParsedTemplate {
  if (Buffer.byteLength(text) > MAX_TEMPLATE_BYTES)
    return { why: `it is longer than ${MAX_TEMPLATE_BYTES} bytes` };
  const source = text.replaceAll('\r\n', '\n');
  if (CONTROLS.test(source)) return { why: 'it holds control characters' };
  try {
    return { nodes: new TemplateReader(source, shape).read() };
  } catch (error) {
    if (error instanceof TemplateFault) return { why: error.message };
    throw error;
  }
}

/** All but tab and newline. */
const CONTROLS = /(?![\t\n])\p{Cc}/u;
const BEGIN = '{{';
const END = '}}';
/** What stands alone in its line takes the line with it; a character that no template has keeps the count of lines. */
const TAG_LINE = /^[ \t]*(\{\{[#^/!](?:(?!\}\})[^\n])*\}\})[ \t]*\n/gm;
const LINE_TAKEN = '\u0000';

class TemplateFault extends Error {}

interface OpenSection {
  readonly name: string;
  readonly type: 'section' | 'inverted';
  readonly line: number;
  readonly nodes: TemplateNode[];
  /** Innermost first. */
  readonly shapes: readonly TemplateShape[];
}

class TemplateReader {
  readonly #text: string;
  readonly #root: TemplateNode[] = [];
  readonly #open: OpenSection[] = [];
  readonly #shape: TemplateShape;
  #line = 1;

  constructor(text: string, shape: TemplateShape) {
    this.#text = text.replace(TAG_LINE, `$1${LINE_TAKEN}`);
    this.#shape = shape;
  }

  read(): readonly TemplateNode[] {
    for (let at = 0; at < this.#text.length; ) {
      const tagAt = this.#text.indexOf(BEGIN, at);
      this.#readText(this.#text.slice(at, tagAt === -1 ? undefined : tagAt));
      if (tagAt === -1) break;
      const endAt = this.#text.indexOf(END, tagAt);
      if (endAt === -1) throw this.#fault('“{{” has no “}}”');
      const tag = this.#text.slice(tagAt + BEGIN.length, endAt);
      const mark = /^[#^/!]/.exec(tag)?.[0] ?? '';
      this.#readTag(mark, tag.slice(mark.length).trim());
      this.#line += linesIn(tag);
      at = endAt + END.length;
    }
    const left = this.#open.at(-1);
    if (left === undefined) return this.#root;
    throw new TemplateFault(`line ${left.line}: the section ${quoteForMessage(left.name)} has no end`);
  }

  get #nodes(): TemplateNode[] {
    return this.#open.at(-1)?.nodes ?? this.#root;
  }

  #readText(piece: string): void {
    this.#line += linesIn(piece);
    const text = piece.replaceAll(LINE_TAKEN, '');
    if (text !== '') this.#nodes.push({ type: 'text', text });
  }

  #readTag(mark: string, name: string): void {
    if (mark === '!') return;
    if (mark === '/') {
      this.#close(name);
      return;
    }
    const shapes = this.#open.at(-1)?.shapes ?? [this.#shape];
    const list = own(shapes[0]?.lists, name);
    if (list === undefined && !shapes.some(({ fields }) => fields.includes(name))) {
      throw this.#fault(`there is no field ${quoteForMessage(name)} here`);
    }
    if (mark === '') {
      if (list !== undefined) throw this.#fault(`${quoteForMessage(name)} is a list, and needs a section`);
      this.#nodes.push({ type: 'field', name });
      return;
    }
    if (this.#open.length >= MAX_DEPTH) throw this.#fault('too many sections lie in each other');
    const type = mark === '#' ? 'section' : 'inverted';
    const inner = type === 'section' && list !== undefined ? [list, ...shapes] : shapes;
    this.#open.push({ name, type, line: this.#line, nodes: [], shapes: inner });
  }

  #close(name: string): void {
    const section = this.#open.pop();
    if (section === undefined || section.name !== name) {
      throw this.#fault(`${quoteForMessage(name)} is not the section that ends here`);
    }
    this.#nodes.push({ type: section.type, name, nodes: section.nodes });
  }

  #fault(why: string): TemplateFault {
    return new TemplateFault(`line ${this.#line}: ${why}`);
  }
}

function linesIn(text: string): number {
  let count = 0;
  for (const character of text) if (character === '\n' || character === LINE_TAKEN) count += 1;
  return count;
}

/** Not what every object has. */
function own<T>(lists: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return lists !== undefined && Object.hasOwn(lists, name) ? lists[name] : undefined;
}
