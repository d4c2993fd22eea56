import { printable } from '../../domain/name/names.js';
import type { RunEvent } from '../events/event.js';

/** A service whose daemon died of this very certificate a short while ago: it is not given it again each night. */
export function serviceSpared(service: string, until: Date, note: string): RunEvent {
  const advice = `Look into its log; remove ${printable(note)} to have it tried at the next run.`;
  return {
    type: 'error',
    code: 'SERVICE_DIED_OF_IT',
    indent: 1,
    fault: 'ours',
    contents: `${printable(service)} keeps what it has: its daemon died of the new certificate, which is not given to it again before ${until.toISOString()}. ${advice}`,
    data: { service, until: until.toISOString(), advice },
  };
}
