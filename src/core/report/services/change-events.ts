import type { OfferFinding } from '../../certificate/offered/offer.js';
import { printable } from '../../domain/name/names.js';
import type { ServiceName } from '../../domain/service/service-name.js';
import type { RunEvent } from '../events/event.js';
import { counted, quoted, withAdvice } from '../text/wording.js';
import type { ServiceChange, ServicesCommand } from './change-report.js';

/** An administrator's change of services begins. */
export function servicesChangeStarted(facts: {
  readonly command: ServicesCommand;
  readonly services: readonly ServiceName[];
  readonly hostname: string;
  readonly root: string | null;
}): RunEvent[] {
  const { command, services, hostname, root } = facts;
  const where = root === null ? '' : ` Working under AUTOSSL_ROOT ${quoted(root)}.`;
  return [
    {
      type: 'out',
      code: 'SERVICES_CHANGE_STARTED',
      indent: 0,
      contents: `An administrator asks for: services ${command} ${services.join(' ')}, on ${quoted(hostname)}.${where}`,
      data: { command, services },
    },
  ];
}

/** What speaks against a certificate that is installed all the same. */
export function offerWarned({ code, message, advice }: OfferFinding): RunEvent {
  return { type: 'warn', code, indent: 1, contents: printable(withAdvice(message, advice)) };
}

/** A daemon that was told to begin anew. */
export function serviceRestarted({ service, daemon, state }: ServiceChange): RunEvent {
  return {
    type: 'success',
    code: 'SERVICE_RESTARTED',
    indent: 1,
    contents: `${service} (${printable(daemon)}) was ${state}.`,
    data: { service, state },
  };
}

/** All that was asked for is done, as far as it could be. */
export function servicesChangeFinished(services: readonly ServiceChange[], isDone: boolean): RunEvent {
  const failed = services.filter(({ code }) => code !== null).length;
  return {
    type: isDone ? 'success' : 'error',
    code: 'RUN_FINISHED',
    indent: 0,
    contents: `${counted(services.length, 'service')}: ${failed === 0 ? 'done' : `${failed} failed`}.`,
  };
}
