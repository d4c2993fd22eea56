import type { HostnameVerdict } from '../../domain/name/hostname.js';
import { printable } from '../../domain/name/names.js';
import type { PlannedService } from '../../plan/plan-services.js';
import { daysFrom, quoted, withAdvice } from '../text/wording.js';
import type { RunEvent } from './event.js';

/** Why checkallsslcerts leaves something alone although it is wanted; no fault of anybody's. */
export type ServiceStandstill =
  | 'HOSTNAME_CERTIFICATE_DISABLED'
  | 'SERVICE_MANAGEMENT_DISABLED'
  | 'AUTOSSL_DISABLED';

export function servicesCheckStarted(facts: {
  readonly providerName: string | null;
  readonly hostname: string;
  readonly root: string | null;
}): RunEvent[] {
  const events: RunEvent[] = [];
  if (facts.root !== null) {
    events.push({
      type: 'out',
      code: 'PRIVATE_ROOT',
      indent: 0,
      contents: `Working under AUTOSSL_ROOT ${quoted(facts.root)}.`,
    });
  }
  const provider =
    facts.providerName === null ? 'AutoSSL is disabled' : `AutoSSL provider: ${quoted(facts.providerName)}`;
  events.push({
    type: 'out',
    code: 'RUN_STARTED',
    indent: 0,
    contents: `${provider}. Checking the service certificates of ${quoted(facts.hostname)} …`,
    data: { provider: facts.providerName, hostname: facts.hostname },
  });
  return events;
}

/** A service that is not on this server. */
export function serviceAbsent(service: string, why: string): RunEvent {
  return {
    type: 'out',
    code: 'SERVICE_ABSENT',
    indent: 1,
    contents: `${printable(service)} is skipped: ${printable(why)}.`,
    data: { service },
  };
}

/** One line for a service that is fine, one for each finding of the others. */
export function serviceAnalysed(plan: PlannedService, daemon: string, now: Date): RunEvent[] {
  const { service, notAfter } = plan;
  const expiry = notAfter === null ? 'has none' : `expires ${notAfter} ${daysFrom(now, new Date(notAfter))}`;
  const foreign = plan.ownership === 'foreign' && !plan.isSelfSigned ? ', not issued by AutoSSL' : '';
  const isKept = plan.kind === 'keep';
  return [
    {
      type: isKept ? 'success' : 'out',
      code: isKept ? 'SERVICE_OK' : 'SERVICE_ANALYSED',
      indent: 1,
      contents: `${service} (${printable(daemon)}): the certificate ${isKept ? 'is kept' : 'is to be replaced'}${foreign}; it ${expiry}`,
      data: plan,
    },
    ...(isKept ? [] : plan.because).map(
      ({ code, message }): RunEvent => ({
        type: 'error',
        code,
        indent: 2,
        contents: `${service}: ${code}: ${message}`,
        data: { service },
      }),
    ),
    ...plan.remarks.map(
      ({ code, message }): RunEvent => ({
        type: 'warn',
        code: 'SERVICE_REMARK',
        indent: 2,
        contents: `${service}: ${message} It is left as it is.`,
        data: { service, code },
      }),
    ),
  ];
}

/** A touch file, or the disabled provider, forbids something. */
export function standsStill(code: ServiceStandstill, reason: string, consequence: string): RunEvent {
  return {
    type: 'out',
    code,
    indent: 0,
    contents: `${printable(reason)}: ${consequence}.`,
    data: { reason },
  };
}

/** No certificate can be had for what this machine calls itself. */
export function hostnameUnusable(verdict: Extract<HostnameVerdict, { isUsable: false }>): RunEvent {
  return { type: 'warn', code: verdict.code, indent: 0, contents: verdict.message };
}

/** A certificate of ours that another service has is good for this one too. */
export function certificateReused(from: string, fingerprint: string): RunEvent {
  return {
    type: 'out',
    code: 'CERTIFICATE_REUSED',
    indent: 1,
    contents: `The certificate of ${printable(from)} is ours and better; no other is ordered.`,
    data: { from, fingerprint },
  };
}

/** Where the certificate of one service comes from. */
export type InstalledKind = 'issued' | 'reused' | 'placeholder';
/** The same, of what an administrator asked for. */
export type GivenKind = 'given' | 'applied' | 'reset' | 'former';

const INSTALLED: Readonly<Record<InstalledKind | GivenKind, string>> = {
  given: 'has the certificate that it was given,',
  applied: 'has the certificate of another service,',
  reset: 'has a self-signed certificate,',
  former: 'has its former certificate again,',
  issued: 'has a new certificate',
  reused: 'has the certificate of another service',
  placeholder: 'has a self-signed certificate until a real one comes, for nobody could use what lay there;',
};

export function serviceInstalled(
  service: string,
  kind: InstalledKind | GivenKind,
  leaf: { readonly fingerprint: string; readonly notAfter: Date },
  served: boolean | null,
): RunEvent {
  return {
    type: 'success',
    code: kind === 'placeholder' ? 'SERVICE_PLACEHOLDER_INSTALLED' : 'SERVICE_CERTIFICATE_INSTALLED',
    indent: 1,
    contents: `${printable(service)} ${INSTALLED[kind]} until ${leaf.notAfter.toISOString()}${served === true ? ', and it is served' : ''}`,
    data: {
      service,
      kind,
      fingerprint: leaf.fingerprint,
      notAfter: leaf.notAfter.toISOString(),
      served,
    },
  };
}

/** One service that could not be given its certificate: what lay there lies there, the others go on. */
export function serviceFailed(service: string, code: string, why: string, advice: string | null): RunEvent {
  return {
    type: 'error',
    code,
    indent: 1,
    fault: 'ours',
    contents: withAdvice(`${printable(service)}: ${printable(why)}`, advice),
    data: { service, advice },
  };
}

/** A service whose daemon is in trouble, which is told by itself. */
export function serviceHeld(service: string): RunEvent {
  return {
    type: 'warn',
    code: 'SERVICE_HELD',
    indent: 1,
    contents: `${printable(service)} keeps what it had until that is mended.`,
    data: { service },
  };
}

/** Told for as long as nobody replaces the certificate; in the mail too. */
export function serviceExpires(
  service: string,
  notAfter: Date,
  replacedFrom: Date | null,
  now: Date,
): RunEvent {
  const isOver = notAfter <= now;
  const own =
    replacedFrom === null || isOver || replacedFrom <= now
      ? ''
      : ` AutoSSL replaces it from ${replacedFrom.toISOString()} on.`;
  return {
    type: 'warn',
    code: isOver ? 'SERVICE_CERTIFICATE_EXPIRED' : 'SERVICE_CERTIFICATE_EXPIRES',
    indent: 1,
    contents: `The certificate of ${printable(service)} ${isOver ? 'expired' : 'expires'} at ${notAfter.toISOString()} ${daysFrom(now, notAfter)}.${own}`,
    data: { service, notAfter: notAfter.toISOString() },
  };
}

/** The order is dropped without a word to the CA; `why` is one clause. */
export function hostnameOrderDropped(hostname: string, why: string): RunEvent {
  return {
    type: 'out',
    code: 'HOSTNAME_ORDER_DROPPED',
    indent: 1,
    contents: `An earlier order for ${quoted(hostname)} is dropped: ${why}.`,
  };
}

/** What became of the wish to look again in an hour. */
export type RetryOutcome =
  | {
      readonly state: 'scheduled';
      readonly job: string;
      readonly runsAt: Date;
      readonly warning: string | null;
    }
  | { readonly state: 'there'; readonly job: string }
  /** `why` is one clause, not escaped. */
  | { readonly state: 'failed'; readonly why: string };

export function retryScheduled(outcome: RetryOutcome): RunEvent {
  switch (outcome.state) {
    case 'scheduled':
      return {
        type: outcome.warning === null ? 'out' : 'warn',
        code: 'RETRY_SCHEDULED',
        indent: 0,
        contents: `checkallsslcerts runs again at ${outcome.runsAt.toISOString()} (job ${printable(outcome.job)} of at)${outcome.warning === null ? '' : `; but ${clause(outcome.warning)}`}.`,
        data: { job: outcome.job, runsAt: outcome.runsAt.toISOString() },
      };
    case 'there':
      return {
        type: 'out',
        code: 'RETRY_ALREADY_SCHEDULED',
        indent: 0,
        contents: `checkallsslcerts is to run again already (job ${printable(outcome.job)} of at).`,
        data: { job: outcome.job },
      };
    case 'failed':
      return {
        type: 'warn',
        code: 'RETRY_NOT_SCHEDULED',
        indent: 0,
        contents: `checkallsslcerts could not be scheduled to run again: ${clause(outcome.why)}. The next regular run goes on with the order.`,
      };
  }
}

/** Without the full stop that follows. */
function clause(text: string): string {
  return printable(text).replace(/\.$/, '');
}

export function mailNotSent(why: string): RunEvent {
  return {
    type: 'warn',
    code: 'MAIL_NOT_SENT',
    indent: 0,
    contents: `The administrator could not be mailed: ${printable(why)}.`,
  };
}

/** It was sent; the next run does not know of it, and sends it again. */
export function mailNotNoted(why: string): RunEvent {
  return {
    type: 'warn',
    code: 'MAIL_NOT_NOTED',
    indent: 0,
    contents: `What the administrator was told cannot be remembered, so he is told again: ${clause(why)}.`,
  };
}
