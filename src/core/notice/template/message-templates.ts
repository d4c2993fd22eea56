import { printable } from '../../domain/name/names.js';
import { htmlTemplate } from './built-in/html-template.js';
import { subjectTemplate, textTemplate } from './built-in/text-templates.js';
import { parseTemplate, type TemplateNode } from './parse-template.js';
import { renderTemplate } from './render-template.js';
import { MESSAGE_SHAPE, type TemplateData } from './template-fields.js';
import {
  TEMPLATE_FORMATS,
  type TemplateFormat,
  type TemplateName,
  type TemplateTexts,
} from './template-name.js';

/** The templates of one kind of message, an administrator's own where they can be used. */
export interface MessageTemplates {
  readonly name: TemplateName;
  readonly own: Readonly<Partial<Record<TemplateFormat, readonly TemplateNode[]>>>;
  /** One printable clause for each of an administrator's own that cannot be used. */
  readonly refused: readonly string[];
}

const BUILT_IN: Readonly<Record<TemplateFormat, (name: TemplateName) => string>> = {
  subject: subjectTemplate,
  text: textTemplate,
  html: htmlTemplate,
};

/** The built-in templates, with those in place of them that an administrator wrote and that can be used. */
export function messageTemplates(name: TemplateName, texts: TemplateTexts): MessageTemplates {
  const own: Partial<Record<TemplateFormat, readonly TemplateNode[]>> = {};
  const refused: string[] = [];
  for (const format of TEMPLATE_FORMATS) {
    const text = texts[format];
    if (text === undefined) continue;
    const parsed = parseTemplate(text, MESSAGE_SHAPE);
    if ('why' in parsed) refused.push(`${name}.${format}: ${printable(parsed.why)}`);
    else own[format] = parsed.nodes;
  }
  return { name, own, refused };
}

/** A part of a message; by the built-in template where an own one says more than any message should. */
export function renderPart(templates: MessageTemplates, format: TemplateFormat, data: TemplateData): string {
  const own = templates.own[format];
  const rendered = own === undefined ? null : renderTemplate(own, data, format);
  return rendered === null || rendered.trim() === ''
    ? (renderTemplate(builtIn(templates.name, format), data, format) ?? '')
    : rendered;
}

const PARSED = new Map<string, readonly TemplateNode[]>();

function builtIn(name: TemplateName, format: TemplateFormat): readonly TemplateNode[] {
  const key = `${name}.${format}`;
  const known = PARSED.get(key);
  if (known !== undefined) return known;
  const parsed = parseTemplate(BUILT_IN[format](name), MESSAGE_SHAPE);
  const nodes = 'nodes' in parsed ? parsed.nodes : [];
  PARSED.set(key, nodes);
  return nodes;
}
