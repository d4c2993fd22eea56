import type { OfferFinding } from '../../certificate/offered/offer.js';
import { printable } from '../../domain/name/names.js';
import type { ServiceName } from '../../domain/service/service-name.js';
import { withAdvice } from '../text/wording.js';

/** What an administrator may have done to services. */
export type ServicesCommand = 'install' | 'reset' | 'apply' | 'rollback' | 'restart';

/** What became of one service. */
export interface ServiceChange {
  readonly service: ServiceName;
  readonly daemon: string;
  readonly state: ServiceChangeState;
  /** Why it is not as it was asked for; null when all is well. */
  readonly code: string | null;
  readonly message: string | null;
  readonly advice: string | null;
}

export type ServiceChangeState =
  /** In place, and every port that was asked shows it. */
  | 'served'
  /** In place; nobody could be asked. */
  | 'published'
  /** In place, and something else answers. */
  | 'not-served'
  /** What lay there lies there, and the daemon runs (or not) as before. */
  | 'unchanged'
  /** Its daemon ended and runs again. */
  | 'restarted'
  /** Its daemon took its configuration anew. */
  | 'reloaded'
  /** Its daemon did not run and does now. */
  | 'started'
  /** Its daemon did not come back. */
  | 'dead';

/** The certificate that was to be installed. */
export interface GivenCertificate {
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string;
  readonly names: readonly string[];
  readonly issuer: string;
  readonly isSelfSigned: boolean;
  readonly notAfter: string;
}

/** What changing services did, as `--json` prints it. */
export interface ServicesChangeReport {
  readonly schemaVersion: 1;
  readonly exitCode: number;
  readonly command: ServicesCommand;
  readonly hostname: string;
  /** Name of the log's folder; null: nothing was begun. */
  readonly log: string | null;
  /** Null where each service got one of its own, or none. */
  readonly certificate: GivenCertificate | null;
  readonly services: readonly ServiceChange[];
  /** Why nothing was changed at all. */
  readonly refusals: readonly OfferFinding[];
  readonly warnings: readonly OfferFinding[];
  /** What went wrong with daemons and files, beyond what stands at each service. */
  readonly faults: readonly { readonly code: string; readonly message: string }[];
}

const SERVICE_WIDTH = 8;
const STATE_WIDTH = 11;

const WORDS: Readonly<Record<ServiceChangeState, string>> = {
  served: 'the certificate is in place, and the daemon shows it',
  published: 'the certificate is in place; nobody could be asked whether it is shown',
  'not-served': 'the certificate is in place, but the daemon does not show it',
  unchanged: 'nothing was changed',
  restarted: 'the daemon was restarted and listens',
  reloaded: 'the daemon took its configuration anew and runs',
  started: 'the daemon did not run; it was started and listens',
  dead: 'the daemon does not run',
};

/** One line a service, for people; refusals and warnings go elsewhere. */
export function renderServicesChange({ services, certificate, faults }: ServicesChangeReport): string {
  const lines = services.map(({ service, daemon, state, message, advice }) => {
    const why = message === null ? '' : `: ${withAdvice(message, advice)}`;
    return `${service.padEnd(SERVICE_WIDTH)} ${state.padEnd(STATE_WIDTH)} ${WORDS[state]} (${daemon})${why}`;
  });
  const what =
    certificate === null || services.length === 0
      ? []
      : [
          `${certificate.fingerprint.slice(0, SHOWN_DIGITS)}, ends ${certificate.notAfter}, for ${certificate.names.join(', ')}`,
        ];
  return [...what, ...lines, ...faults.map(({ message }) => `FAULT    ${message}`)]
    .map((line) => `${printable(line)}\n`)
    .join('');
}

const SHOWN_DIGITS = 16;
