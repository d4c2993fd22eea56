import { printable } from '../../domain/name/names.js';
import type { NotServedCode, ServedVerdict } from '../../plan/served/served.js';
import type { RunEvent } from '../events/event.js';

type NotServed = Extract<ServedVerdict, { served: false }>;

/** A service as far as its certificate is served. */
export interface AskedService {
  readonly name: string;
  /** The file that its daemon should name. */
  readonly file: string;
}

/** In place, but the daemon answers with something else, or not at all; told at every run for as long as that is so. */
export function serviceNotServed({ name, file }: AskedService, verdict: NotServed): RunEvent {
  const what = verdict.code === 'NO_TLS_SITE' ? 'it listens nowhere with TLS' : verdict.message;
  const advice = ADVICE[verdict.code]?.(name, printable(file)) ?? verdict.advice;
  return {
    type: 'error',
    code: 'PUBLISHED_NOT_SERVED',
    indent: 1,
    fault: 'ours',
    contents: `${printable(name)} has its certificate, but does not serve it: ${what}. ${advice}`,
    data: { service: name, served: verdict.code, advice },
  };
}

/** What to change at a daemon; what is not here has no better words than a website's. */
const ADVICE: Readonly<Partial<Record<NotServedCode, (service: string, file: string) => string>>> = {
  NO_TLS_SITE: switchOn,
  NO_TLS: switchOn,
  PREVIOUS_CERTIFICATE: (_, file) =>
    `Reload or restart it, and let its configuration name ${file} itself and not a copy.`,
  OTHER_CERTIFICATE: nameFile,
  OTHER_WEBSITES_CERTIFICATE: nameFile,
  NAME_REJECTED: nameFile,
  CONNECTION_REFUSED: (service) =>
    `Let it listen there, or say in services.${service}.endpoints where it answers.`,
  HANDSHAKE_FAILED: () => 'Look into its log.',
};

function switchOn(service: string, file: string): string {
  return `Switch TLS on in its configuration, with ${file}; ${orLeaveIt(service)}`;
}

function nameFile(service: string, file: string): string {
  return `Let its configuration name ${file}; ${orLeaveIt(service)}`;
}

function orLeaveIt(service: string): string {
  return `or, where that is meant so, say services.${service}.kind: none in /etc/autossl.yaml.`;
}

/** It was not served when it was last asked for. */
export function serviceNowServed({ name }: AskedService): RunEvent {
  return {
    type: 'success',
    code: 'SERVICE_NOW_SERVED',
    indent: 1,
    contents: `${printable(name)} serves its certificate by now.`,
    data: { service: name },
  };
}

/** Whoever stopped it knows why: nothing of ours failed. */
export function serviceNotRunning({ name }: AskedService, daemon: string): RunEvent {
  return {
    type: 'warn',
    code: 'SERVICE_NOT_RUNNING',
    indent: 1,
    contents: `${printable(name)} (${printable(daemon)}) does not run. Its certificate is in place and is loaded when it is started.`,
    data: { service: name },
  };
}
