import { adviceForRefusal } from '../../dcv/refusal-advice.js';
import type { ListedProblem } from '../problems/problem-table.js';
import type { VerdictGrounds, WhyVerdict } from './verdict.js';

/** Who should change what: a sentence each, null = nothing. */
export interface WhyAdvice {
  readonly owner: string | null;
  readonly root: string | null;
}

const NOBODY: WhyAdvice = { owner: null, root: null };
const ADVICE_ON_RESOLVERS = 'Check `resolvers` in /etc/autossl.yaml or /etc/resolv.conf.';
const CHOOSE_PROVIDER = 'Choose a provider: autossl provider list';

/** The remedy of what the verdict says. */
export function adviceFor({ code }: WhyVerdict, grounds: VerdictGrounds): WhyAdvice {
  const { facts, ofName, ofWebsite } = grounds;
  const { holding, website, sight, name } = facts;
  switch (code) {
    case 'EXCLUDED':
      return { owner: 'Take the name out of the exclusions, if it is to be secured.', root: null };
    case 'SUSPENDED':
      return { owner: null, root: 'Unsuspend the account, if its websites are to be secured.' };
    case 'NO_FEATURE':
      return {
        owner: null,
        root: 'Give the account the feature autossl, if its websites are to be secured.',
      };
    case 'ACCOUNT_BROKEN':
      return { owner: null, root: 'Mend the account’s files; see: autossl status' };
    case 'HOSTNAME':
      return { owner: null, root: 'See: autossl services list' };
    case 'NOBODY':
      return { owner: null, root: whoseAdvice(grounds) };
    case 'NOT_WANTED':
      return { owner: null, root: 'Take the name from one of the two; see: autossl website list' };
    case 'NO_PROVIDER':
      return { owner: null, root: CHOOSE_PROVIDER };
    case 'UNREADABLE':
      return { owner: null, root: website?.status.fault?.advice ?? null };
    case 'NOT_SERVED':
      return { owner: null, root: website?.status.served.advice ?? 'See: autossl verify' };
    case 'FOREIGN_CERTIFICATE':
      return {
        owner: 'Renew or remove the certificate that was installed by other means.',
        root: 'Or let AutoSSL replace such certificates: clobber_externally_signed in autossl.json.',
      };
    case 'WILDCARD_UNSUPPORTED':
      return { owner: 'Add the single names to the website instead.', root: null };
    case 'LIMITED':
      if (grounds.limits.some(({ unpauseUrl }) => unpauseUrl !== undefined))
        return {
          owner: null,
          root: 'Have mended what the provider could not validate, then end its pause at the address above.',
        };
      return grounds.limits.some((limit) => limit.code === 'ISSUED_RECENTLY')
        ? { owner: null, root: 'Look for what removes or replaces the certificate on this server.' }
        : NOBODY;
    case 'SECURED_BY_WILDCARD':
    case 'SECURED':
    case 'ORDER_PENDING':
    case 'MENDED':
    case 'NEXT_RUN':
    case 'AT_RENEWAL':
      return NOBODY;
    case 'FAILS_NOW':
    case 'CAA_FORBIDS':
    case 'PUT_ASIDE':
    case 'FAILED_LAST':
    case 'INCONCLUSIVE':
    case 'RESOLVER_DOWN':
    case 'WEBSITE_FAILED':
    case 'RENEWAL_HELD':
    case 'RENEWAL_AT_RISK':
      break;
  }
  if (facts.provider.state !== 'chosen') return { owner: null, root: CHOOSE_PROVIDER };
  if (holding.kind === 'covered') return { owner: null, root: `See: autossl why '${holding.by}'` };
  if (sight.state === 'not-looked' && sight.isOurFault) return { owner: null, root: ADVICE_ON_RESOLVERS };
  const outcome = sight.state === 'looked' ? sight.outcome : null;
  if (outcome?.passed === false) return bySide(outcome.fault, outcome.advice);
  if (facts.caa?.isPermitted === false) return bySide(facts.caa.fault, facts.caa.advice);
  const said = website?.memory?.lastFailure ?? null;
  const isAside = grounds.limits.some((limit) => limit.code === 'BACKOFF' || limit.code === 'HOURLY_LIMIT');
  if (isAside && said !== null)
    return { owner: ofRecord(ofName).owner ?? adviceForRefusal(said.code, name), root: null };
  const isOver = outcome?.passed === true;
  return ofRecord(isOver ? ofWebsite : (ofName ?? ofWebsite));
}

function ofRecord(problem: ListedProblem | null): WhyAdvice {
  return problem === null ? NOBODY : bySide(problem.fault, problem.advice);
}

function bySide(fault: 'ours' | 'owner' | null, advice: string | null): WhyAdvice {
  return fault === 'ours' ? { owner: null, root: advice } : { owner: advice, root: null };
}

/** Of a name that no account has. */
function whoseAdvice({ facts: { name, holding, sight } }: VerdictGrounds): string {
  const nearest = holding.kind === 'nobody' ? holding.nearest : null;
  const points = sight.state === 'looked' && (sight.addresses ?? []).some(({ isOurs }) => isOurs);
  const here = points ? 'Its DNS points to this server. ' : '';
  const meant = nearest === null ? '' : `Did you mean ${nearest.name} (${nearest.account})? If not: `;
  const add = `autossl website add USER ${name} --docroot DIR`;
  return `${here}${meant === '' ? 'To have it here: ' : meant}${add}`;
}
