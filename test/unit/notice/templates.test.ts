import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTemplate } from '../../../src/core/notice/template/parse-template.js';
import { renderTemplate } from '../../../src/core/notice/template/render-template.js';
import type { TemplateData, TemplateShape } from '../../../src/core/notice/template/template-fields.js';
import { aFinding, aName, noticeRig } from '../../support/notice-rig.js';

const SHAPE: TemplateShape = {
  fields: ['host', 'empty'],
  lists: {
    items: { fields: ['name'], lists: { parts: { fields: ['part'], lists: {} } } },
    none: { fields: [], lists: {} },
  },
};
const part = (text: string): TemplateData => ({ fields: { part: text }, lists: {} });
const DATA: TemplateData = {
  fields: { host: 'h.test', empty: '' },
  lists: {
    items: [
      { fields: { name: 'one' }, lists: { parts: [part('a'), part('b')] } },
      { fields: { name: '<two>' }, lists: { parts: [] } },
    ],
    none: [],
  },
};

function rendered(template: string, format: 'text' | 'html' | 'subject' = 'text'): string | null {
  const parsed = parseTemplate(template, SHAPE);
  return 'why' in parsed ? `refused: ${parsed.why}` : renderTemplate(parsed.nodes, DATA, format);
}

describe('a template', () => {
  test.each([
    ['text as it is', 'a } b { c', 'a } b { c'],
    ['a field', 'on {{host}} {{ host }}', 'on h.test h.test'],
    ['a list', '{{#items}}[{{name}}]{{/items}}', '[one][<two>]'],
    [
      'a list in a list, with fields of all levels',
      '{{#items}}{{#parts}}{{host}} {{name}} {{part}};{{/parts}}{{/items}}',
      'h.test one a;h.test one b;',
    ],
    [
      'where a list has nothing',
      '{{#items}}{{^parts}}{{name}}{{/parts}}{{/items}}{{^none}}!{{/none}}',
      '<two>!',
    ],
    [
      'where a field has something',
      '{{#host}}yes{{/host}}{{#empty}}no{{/empty}}{{^empty}}none{{/empty}}',
      'yesnone',
    ],
    ['a comment', 'a{{! {{host} }}b', 'ab'],
    ['lines of tags alone vanish', 'x\n{{#items}}\n  {{name}}\n{{/items}}\ny', 'x\n  one\n  <two>\ny'],
  ])('%s', (_rule, template, expected) => {
    expect(rendered(template)).toBe(expected);
  });

  test.each([
    ['a field that there is not', 'a\n\n{{hostname}}', 'line 3: there is no field “hostname” here'],
    ['a field of another level', '{{name}}', 'line 1: there is no field “name” here'],
    [
      'a list within itself',
      '{{#items}}{{#items}}x{{/items}}{{/items}}',
      'line 1: there is no field “items” here',
    ],
    ['a list without a section', '{{items}}', 'line 1: “items” is a list, and needs a section'],
    ['a section without an end', 'a\n{{#items}}\nb', 'line 2: the section “items” has no end'],
    [
      'another section’s end',
      '{{#items}}\n{{/none}}\n{{/items}}',
      'line 2: “none” is not the section that ends here',
    ],
    ['an end without a section', '{{/items}}', 'line 1: “items” is not the section that ends here'],
    ['a tag without an end', 'a\n{{host', 'line 2: “{{” has no “}}”'],
    ['what every object has', '{{constructor}}', 'line 1: there is no field “constructor” here'],
    ['a field of three braces, unescaped elsewhere', '{{{host}}}', 'line 1: there is no field “{host” here'],
    ['partials and code', '{{> other}}', 'line 1: there is no field “> other” here'],
    ['control characters', 'a\u001b[31m', 'it holds control characters'],
    ['a book', 'x'.repeat(70_000), 'it is longer than 65536 bytes'],
    [
      'too deep',
      `${'{{#host}}'.repeat(9)}${'{{/host}}'.repeat(9)}`,
      'line 1: too many sections lie in each other',
    ],
  ])('is refused for %s', (_rule, template, why) => {
    expect(rendered(template)).toBe(`refused: ${why}`);
  });

  test('is parsed or refused, whatever it holds, and never throws', () => {
    const pieces = fc.constantFrom(
      '{{',
      '}}',
      '{{#items}}',
      '{{/items}}',
      '{{name}}',
      '{{^none}}',
      '{{/none}}',
      '\n',
      ' ',
      '{{!',
      'x',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (list) => {
        const parsed = parseTemplate(list.join(''), SHAPE);
        if ('why' in parsed) expect(parsed.why).not.toBe('');
        else expect(typeof renderTemplate(parsed.nodes, DATA, 'html')).toBe('string');
      }),
    );
  });

  test('that says things too often gives no message', () => {
    const parsed = parseTemplate(`{{#items}}${'x'.repeat(60_000)}{{/items}}`, SHAPE);
    const items = Array.from({ length: 100 }, () => ({ fields: { name: 'n' }, lists: { parts: [] } }));
    const data = { ...DATA, lists: { ...DATA.lists, items } };
    expect('nodes' in parsed && renderTemplate(parsed.nodes, data, 'text')).toBeNull();
  });
});

describe('escaping', () => {
  const nasty: TemplateData = {
    fields: { host: `<b>&"'\u202e\r\nX: y\u001b[2J`, empty: '' },
    lists: { items: [], none: [] },
  };
  test.each([
    ['html', '&lt;b&gt;&amp;&quot;&#39;\\u{202e}\\u{d}\\u{a}X: y\\u{1b}[2J'],
    ['text', `<b>&"'\\u{202e}\\u{d}\\u{a}X: y\\u{1b}[2J`],
    ['subject', `<b>&"'\\u{202e}\\u{d}\\u{a}X: y\\u{1b}[2J`],
  ] as const)('of %s', (format, expected) => {
    const parsed = parseTemplate('{{host}}', SHAPE);
    expect('nodes' in parsed && renderTemplate(parsed.nodes, nasty, format)).toBe(expected);
  });

  test('a subject is one line, whatever the template says', () => {
    expect(rendered('a\n  b {{host}}\n\n', 'subject')).toBe('a b h.test');
  });

  test('long lines of a text are wrapped with their indentation, commands are not', () => {
    const text = `  - ${'word '.repeat(20)}\n    autossl exclude add ${'name.test '.repeat(9)}`;
    const lines = rendered(text)?.split('\n') ?? [];
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^ {4}word/);
    expect(lines[2]).toMatch(/^ {4}autossl .*name\.test$/);
  });
});

describe('an administrator’s own templates', () => {
  const finding = aFinding('notify_autossl_expiry_coverage', { names: [aName('a.test')], daysLeft: 60 });
  test('take the place of the built-in ones, each for itself', async () => {
    const { run } = noticeRig({
      templates: {
        subject: 'Certificates: {{summary}}',
        text: '{{#troubles}}{{website}} {{code}}{{/troubles}}',
      },
    });
    const [message] = await run([finding]);
    expect(message?.subject).toBe('Certificates: 1 renewal waits');
    expect(message?.text).toBe('shop.test NO_NAME_PASSED');
    expect(message?.html).toContain('<!DOCTYPE html>');
  });

  test('with a mistake are told of and the built-in ones used', async () => {
    const { run, events } = noticeRig({ templates: { text: 'Dear {{customer}}' } });
    const [message] = await run([finding]);
    expect(message?.text).toContain('What happens next');
    expect(events).toMatchObject([
      {
        type: 'warn',
        code: 'NOTICE_TEMPLATE_REFUSED',
        contents: expect.stringContaining('user.text: line 1: there is no field “customer” here'),
      },
      { type: 'warn', code: 'NOTICE_TEMPLATE_REFUSED' },
      { code: 'NOTICES_QUEUED' },
    ]);
  });

  test('that say nothing are passed over', async () => {
    const [message] = await noticeRig({
      templates: { text: '{{#standing}}{{text}}{{/standing}}\n', subject: '\n' },
    }).run([finding]);
    expect(message?.text).toContain('What happens next');
    expect(message?.subject).toContain('1 renewal waits');
  });
});
