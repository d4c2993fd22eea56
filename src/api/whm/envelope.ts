import type { CallEnd } from '../answer.js';

/** The only version there is. */
const API_VERSION = 1;

/** The documented answer of WHM API 1: `data` only where there is some, `reason` OK or why not. */
export function whmEnvelope(command: string, end: CallEnd): object {
  const metadata = { version: API_VERSION, command };
  if (!end.isDone) return { metadata: { ...metadata, result: 0, reason: end.reason } };
  const { data, warnings = [], messages = [] } = end.answer;
  const said = warnings.length + messages.length > 0 ? { output: { messages, warnings } } : {};
  return {
    metadata: { ...metadata, result: 1, reason: 'OK', ...said },
    ...(data === undefined ? {} : { data }),
  };
}
