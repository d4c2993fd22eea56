import type { CallEnd } from '../answer.js';

const API_VERSION = 3;

/** The documented answer of UAPI: lists of errors, messages and warnings are null where they are empty. */
export function uapiEnvelope(module: string, func: string, end: CallEnd): object {
  const orNull = (lines: readonly string[] = []): readonly string[] | null =>
    lines.length === 0 ? null : lines;
  const result = end.isDone
    ? {
        status: 1,
        // UAPI gives the rows themselves.
        data: payloadOf(end.answer.data, end.answer.rows),
        errors: null,
        messages: orNull(end.answer.messages),
        warnings: orNull(end.answer.warnings),
        metadata: {},
      }
    : { status: 0, data: null, errors: [end.reason], messages: null, warnings: null, metadata: {} };
  return { apiversion: API_VERSION, module, func, result };
}

function payloadOf(data: Readonly<Record<string, unknown>> | undefined, rows: string | undefined): unknown {
  if (data === undefined) return null;
  if (rows !== undefined) return data[rows];
  return Object.hasOwn(data, 'value') && Object.keys(data).length === 1 ? data['value'] : data;
}
