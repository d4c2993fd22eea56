import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RunEvent } from '../../../src/core/report/events/event.js';
import { renderJsonLine } from '../../../src/core/report/text/json-lines.js';
import { logInstant, parseLogInstant } from '../../../src/core/report/text/log-instant.js';
import { renderLogLine, renderText } from '../../../src/core/report/text/text.js';

const AT = new Date('2026-03-03T23:26:05.678Z');
const events: readonly RunEvent[] = [
  {
    type: 'out',
    code: 'PROVIDER',
    indent: 0,
    contents: 'AutoSSL’s configured provider is “LetsEncrypt”.',
  },
  {
    type: 'out',
    code: 'ANALYZING_WEBSITE',
    indent: 2,
    contents: 'Analyzing “example.com” (website) …',
    account: 'alice',
    vhost: 'example.com',
  },
  {
    type: 'success',
    code: 'TLS_OK',
    indent: 3,
    contents: 'TLS status: ok',
    account: 'alice',
    vhost: 'example.com',
    data: { daysLeft: 60 },
  },
  {
    type: 'warn',
    code: 'DCV_FAILED',
    indent: 1,
    contents: '“nowhere.example.com” does not resolve.',
    account: 'alice',
    vhost: 'example.com',
    name: 'nowhere.example.com',
    fault: 'owner',
  },
  { type: 'error', code: 'RELOAD_FAILED', indent: 0, contents: 'Reload failed', fault: 'ours' },
];

test('the text log, as people and scripts read it', () => {
  expect(events.map((event) => renderLogLine(event, AT)).join('')).toBe(
    [
      '[2026-03-03T23:26:05Z] AutoSSL’s configured provider is “LetsEncrypt”.',
      '[2026-03-03T23:26:05Z]         Analyzing “example.com” (website) …',
      '[2026-03-03T23:26:05Z]             TLS status: ok',
      '[2026-03-03T23:26:05Z]     WARN: “nowhere.example.com” does not resolve.',
      '[2026-03-03T23:26:05Z] ERROR: Reload failed',
      '',
    ].join('\n'),
  );
  expect(renderText(events[3]!)).toBe('    WARN: “nowhere.example.com” does not resolve.');
});

test('the JSON log: the documented record, then our own keys', () => {
  expect(events.map((event) => renderJsonLine(event, AT, 29189)).join('')).toBe(
    [
      '{"timestamp":"2026-03-03T23:26:05Z","type":"out","indent":0,"pid":29189,"partial":0,"contents":"AutoSSL’s configured provider is “LetsEncrypt”.\\n","code":"PROVIDER"}',
      '{"timestamp":"2026-03-03T23:26:05Z","type":"out","indent":2,"pid":29189,"partial":0,"contents":"Analyzing “example.com” (website) …\\n","code":"ANALYZING_WEBSITE","account":"alice","vhost":"example.com"}',
      '{"timestamp":"2026-03-03T23:26:05Z","type":"success","indent":3,"pid":29189,"partial":0,"contents":"TLS status: ok\\n","code":"TLS_OK","account":"alice","vhost":"example.com","data":{"daysLeft":60}}',
      '{"timestamp":"2026-03-03T23:26:05Z","type":"warn","indent":1,"pid":29189,"partial":0,"contents":"“nowhere.example.com” does not resolve.\\n","code":"DCV_FAILED","account":"alice","vhost":"example.com","name":"nowhere.example.com","fault":"owner"}',
      '{"timestamp":"2026-03-03T23:26:05Z","type":"error","indent":0,"pid":29189,"partial":0,"contents":"Reload failed\\n","code":"RELOAD_FAILED","fault":"ours"}',
      '',
    ].join('\n'),
  );
});

describe('whatever an outsider put into an event', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\u001b[2J', 'a\nb\r\n', '\u202egpj.exe', '\u2028', '\0', '\u{e0001}', '\ud800'),
  );
  const safe = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;

  test('each rendering is one line that cannot steer a terminal', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (contents, vhost, data) => {
        const event: RunEvent = {
          type: 'out',
          code: 'X',
          indent: 1,
          contents,
          vhost,
          data: { [data]: data },
        };
        const json = renderJsonLine(event, AT, 1);
        const text = renderLogLine(event, AT);
        for (const line of [json, text]) {
          expect(line.endsWith('\n')).toBe(true);
          expect(line.slice(0, -1)).toMatch(safe);
        }
        expect(JSON.parse(json)).toMatchObject({ code: 'X', vhost });
      }),
    );
  });

  test.each([
    [
      'a circle',
      (() => {
        const circle: Record<string, unknown> = {};
        circle['self'] = circle;
        return circle;
      })(),
    ],
    ['a bigint', 1n],
  ])('data that is no JSON, %s, costs the data and not the line', (_, data) => {
    const line = renderJsonLine({ type: 'out', code: 'X', indent: 0, contents: 'x', data }, AT, 1);
    expect(JSON.parse(line)).toMatchObject({ contents: 'x\n', data: 'not representable as JSON' });
  });
});

describe('the name of a log', () => {
  test.each([
    ['2026-03-03T23:26:05Z', '2026-03-03T23:26:05Z'],
    ['2026-03-03T23:26:05.000Z', '2026-03-03T23:26:05Z'],
  ])('%s is read', (text, same) => {
    expect(logInstant(parseLogInstant(text)!)).toBe(same);
  });

  test.each([
    '',
    '2026-03-03',
    '2026-02-30T00:00:00Z',
    '../2026-03-03T23:26:05Z',
    '2026-03-03T23:26:05Z/..',
    '2026-03-03T23:26:05Z\n',
    '2026-03-03T23:26:05.123Z',
  ])('%j is none', (text) => {
    expect(parseLogInstant(text)).toBeUndefined();
  });
});
