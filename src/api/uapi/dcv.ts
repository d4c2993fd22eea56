import { failedByDns, judgeRecordTrouble } from '../../core/dcv/judge-dns.js';
import type { DcvObservation, DcvOutcome } from '../../core/dcv/outcome.js';
import { printable } from '../../core/domain/name/names.js';
import { withAdvice } from '../../core/report/text/wording.js';
import { checkNamesByDns, checkNamesOverHttp } from '../../runs/manage/check-names.js';
import type { ApiHandler } from '../function.js';
import { ApiRefusal } from '../refusal.js';
import type { UapiHost } from './host.js';

/** As many as any CA follows (BR 3.2.2.4.19 leaves it to them; ten is usual). */
const MAX_REDIRECTS = 10;
const NOT_OBEYED = [
  'dcv_file_allowed_characters',
  'dcv_file_extension',
  'dcv_file_random_character_count',
  'dcv_file_relative_path',
  'dcv_user_agent_string',
];

/** `check_domains_via_http`. */
export const checkDomainsViaHttp: ApiHandler<UapiHost> = async (given, host) => {
  const maxRedirects = given.integer('dcv_max_redirects') ?? null;
  if (maxRedirects !== null && maxRedirects > MAX_REDIRECTS) {
    throw new ApiRefusal(`The parameter “dcv_max_redirects” must be at most ${MAX_REDIRECTS}.`);
  }
  const ignored = NOT_OBEYED.filter((name) => given.optional(name) !== undefined);
  const names = await host.openNames();
  const checked = await checkNamesOverHttp(host.account, given.all('domain'), maxRedirects, names);
  const rows = checked.map(({ name, outcome, observation }) => ({
    domain: name,
    succeeded: outcome.passed ? 1 : 0,
    failure_reason: reasonOf(outcome),
    redirects: redirectsIn(observation),
  }));
  return {
    data: { rows },
    rows: 'rows',
    warnings: ignored.map(
      (name) => `The parameter “${name}” is not obeyed: names are checked as an ACME CA does.`,
    ),
  };
};

/** `check_domains_via_dns`. */
export const checkDomainsViaDns: ApiHandler<UapiHost> = async (given, host) => {
  const trials = await checkNamesByDns(host.account, given.all('domain'), await host.openNames());
  const rows = trials.map(({ name, trouble, zone, servers, value }) => ({
    domain: name,
    succeeded: trouble === null ? 1 : 0,
    failure_reason: trouble === null ? null : reasonOf(failedByDns(name, judgeRecordTrouble(trouble))),
    dcv_string: value,
    zone,
    query_results: servers.map(({ server, saw }) => `${server}: ${saw}`),
  }));
  return { data: { rows }, rows: 'rows' };
};

/** Null when the name passed. */
function reasonOf(outcome: DcvOutcome): string | null {
  return outcome.passed ? null : printable(withAdvice(outcome.message, outcome.advice));
}

/** Where the name led, of the address with the longest way: one more than is permitted at most. */
function redirectsIn(observation: DcvObservation | null): readonly string[] {
  const ways = (observation?.fetches ?? []).map(({ observation: { hops } }) =>
    hops.flatMap(({ location }) => (location === null ? [] : [printable(location)])),
  );
  return ways.reduce((longest, way) => (way.length > longest.length ? way : longest), []);
}
