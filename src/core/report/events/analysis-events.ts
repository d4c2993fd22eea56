import type { AccountFault, AccountSkip, Website } from '../../domain/website/website.js';
import type { Evaluation } from '../../evaluation/evaluation.js';
import type { PlannedAction } from '../../plan/action.js';
import { explained } from '../../renewal/verdict.js';
import { counted, daysFrom, listed, quoted } from '../text/wording.js';
import type { RunEvent } from './event.js';

export function runStarted(facts: {
  readonly providerName: string;
  readonly root: string | null;
  readonly scope: string | null;
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
  events.push({
    type: 'out',
    code: 'RUN_STARTED',
    indent: 0,
    contents: `AutoSSL provider: ${quoted(facts.providerName)}. Checking ${facts.scope === null ? 'all users' : `user ${quoted(facts.scope)}`} …`,
    data: { provider: facts.providerName, user: facts.scope ?? '*' },
  });
  return events;
}

export function accountStarted(account: string, websites: number): RunEvent {
  return {
    type: 'out',
    code: 'ACCOUNT_STARTED',
    indent: 1,
    account,
    contents: `Checking websites for ${quoted(account)} (${counted(websites, 'website')}) …`,
  };
}

const SKIPPED: Record<AccountSkip, string> = {
  suspended: 'is suspended; its websites are not checked',
  'no-autossl-feature': 'lacks the feature “autossl”; its websites are not checked',
};

export function accountSkipped(account: string, reason: AccountSkip): RunEvent {
  return {
    type: 'out',
    code: reason === 'suspended' ? 'ACCOUNT_SUSPENDED' : 'ACCOUNT_LACKS_FEATURE',
    indent: 1,
    account,
    contents: `User ${quoted(account)} ${SKIPPED[reason]}.`,
  };
}

/** A fault in the account data: ours, because no customer writes these files. */
export function accountFault(account: string, fault: AccountFault): RunEvent {
  const where = fault.vhost === null ? '' : `, website ${quoted(fault.vhost)}`;
  return {
    type: 'error',
    code: fault.code,
    indent: 1,
    account,
    ...(fault.vhost === null ? {} : { vhost: fault.vhost }),
    fault: 'ours',
    contents: `User ${quoted(account)}${where}: ${fault.message}`,
  };
}

/** One line for a website with nothing to do; several for the others. */
export function websiteAnalysed(
  website: Website,
  evaluation: Evaluation,
  action: PlannedAction,
  now: Date,
): RunEvent[] {
  const ref = { account: website.account, vhost: website.vhost };
  const isQuiet = action.kind === 'keep' && action.because[0]?.code === 'VALID';
  if (isQuiet && evaluation.notAfter !== null) {
    const foreign = evaluation.ownership === 'foreign' ? ', not issued by AutoSSL' : '';
    return [
      {
        type: 'success',
        code: 'WEBSITE_OK',
        indent: 2,
        ...ref,
        contents: `${quoted(website.vhost)} (website): TLS status ${evaluation.tlsStatus}${foreign}; expires ${evaluation.notAfter.toISOString()} ${daysFrom(now, evaluation.notAfter)}`,
      },
    ];
  }
  const detail = (type: RunEvent['type'], code: string, contents: string, data?: unknown): RunEvent => ({
    type,
    code,
    indent: 3,
    ...ref,
    contents,
    ...(data === undefined ? {} : { data }),
  });
  const events: RunEvent[] = [
    {
      type: 'out',
      code: 'WEBSITE_ANALYSED',
      indent: 2,
      ...ref,
      contents: `Analyzing ${quoted(website.vhost)} (website) …`,
    },
    detail(STATUS_TYPE[evaluation.tlsStatus], 'TLS_STATUS', `TLS status: ${evaluation.tlsStatus}`),
  ];
  if (evaluation.notAfter !== null) {
    events.push(
      detail(
        'out',
        'CERTIFICATE_EXPIRY',
        `Certificate expiry: ${evaluation.notAfter.toISOString()} ${daysFrom(now, evaluation.notAfter)}`,
      ),
    );
  }
  for (const defect of evaluation.defects) {
    events.push(
      detail(DEFECT_TYPE[defect.severity], defect.code, `Defect: ${defect.code}: ${defect.message}`, {
        severity: defect.severity,
        citation: defect.citation,
      }),
    );
  }
  const { renewal } = evaluation;
  if (renewal?.isDue && (!renewal.isDeferrable || renewal.explanationUrl !== undefined)) {
    const isCalledBack = !renewal.isDeferrable;
    const when = isCalledBack ? 'now' : `from ${renewal.dueAt.toISOString()} on`;
    const contents = `The provider wants the certificate replaced ${when}.${explained(renewal)}`;
    const data = { explanationUrl: renewal.explanationUrl ?? null, isCalledBack };
    events.push(detail(isCalledBack ? 'warn' : 'out', 'REPLACEMENT_WANTED', contents, data));
  }
  if (website.excluded.length > 0) {
    events.push(
      detail(
        'out',
        'USER_EXCLUDED_DOMAINS',
        `User-excluded domains: ${website.excluded.length} (${listed(website.excluded)})`,
      ),
    );
  }
  for (const reason of action.kind === 'keep' || action.kind === 'await-order' ? action.because : []) {
    events.push(detail(reason.code === 'FOREIGN_CERTIFICATE' ? 'warn' : 'out', reason.code, reason.message));
  }
  return events;
}

/** Wildcards that are wanted and not even tried: problems of the website's owner in every run. */
export function wildcardsLeftOut(website: Website, { leftOut }: PlannedAction): RunEvent[] {
  return leftOut.flatMap(({ name, why }) => {
    const words = why === 'WILDCARD_UNSUPPORTED' || why === 'WILDCARD_NEEDS_DNS' ? WILDCARD_WORDS[why] : null;
    if (words === null) return [];
    return [
      {
        type: 'warn' as const,
        code: why,
        indent: 3,
        account: website.account,
        vhost: website.vhost,
        name,
        fault: 'owner' as const,
        contents: `${quoted(name)} is not ordered: ${words}`,
        data: { advice: WILDCARD_ADVICE },
      },
    ];
  });
}

const WILDCARD_WORDS = {
  WILDCARD_UNSUPPORTED: 'the provider issues no certificates for wildcards',
  WILDCARD_NEEDS_DNS: 'a wildcard is validated by DNS alone, and no zones are edited from this server',
} as const;
const WILDCARD_ADVICE = 'Add the single names to the website in its place.';

/** A missing name is no error of the certificate; a wish for the next renewal is news. */
const DEFECT_TYPE = { defective: 'error', incomplete: 'out', preference: 'out', warning: 'warn' } as const;

/** The documented pairing of status and record type. */
const STATUS_TYPE = { ok: 'success', incomplete: 'out', defective: 'error' } as const;

/** The plan as data, one record an action, before anything is carried out. */
export function actionPlanned(action: PlannedAction): RunEvent {
  return {
    type: 'out',
    code: 'PLANNED',
    indent: 1,
    account: action.account,
    vhost: action.vhost,
    contents: `Plan: ${action.kind} ${quoted(action.vhost)} for ${counted(action.names.length, 'name')} that must pass validation: ${listed(action.names)}`,
    data: action,
  };
}
