import type { FaultSide } from '../domain/fault-side.js';
import { ipVersion } from '../domain/name/ip-version.js';
import { isWildcard, printable } from '../domain/name/names.js';
import { adviceFor, adviceForRoot } from './advice.js';
import { type FetchFinding, judgeFetch } from './judge-fetch.js';
import type {
  AddressFetch,
  AddressObservation,
  DcvFailureCode,
  DcvObservation,
  DcvOutcome,
} from './outcome.js';
import { type DcvPolicy, isOwnAddress, judgePrivateView } from './private-view.js';

/** How many addresses a hint lists before it counts the rest. */
const LISTED_ADDRESSES = 4;

/** A lookup's error codes in order of weight: the heaviest explains a name without addresses. */
const LOOKUP_FAILURES: readonly (readonly [string, DcvFailureCode, string])[] = [
  ['ENOTFOUND', 'NXDOMAIN', 'does not exist in DNS (NXDOMAIN)'],
  ['ESERVFAIL', 'DNS_SERVFAIL', 'cannot be resolved: its name servers fail (SERVFAIL)'],
  ['ETIMEOUT', 'DNS_TIMED_OUT', 'cannot be resolved: DNS does not answer in time'],
  ['EREFUSED', 'DNS_REFUSED', 'cannot be resolved: the name server refuses to answer'],
  ['ECONNREFUSED', 'DNS_REFUSED', 'cannot be resolved: this server’s resolver does not answer'],
  ['ENODATA', 'NO_ADDRESS', 'has neither an A nor an AAAA record'],
];

/**
 * What the observation of one name amounts to. IPv6 counts first: an AAAA address that answers wrongly fails the name
 * although IPv4 works; one that cannot be reached is a warning, since CAs then go on to IPv4. That the name points
 * elsewhere is no fault by itself and only a hint after a failure (a proxy may pass the file on).
 */
export function judgeDcv(observation: DcvObservation, policy: DcvPolicy): DcvOutcome {
  const { name, addresses, fetches } = observation;
  if (isWildcard(name)) {
    return failure(observation, policy, {
      code: 'WILDCARD_NEEDS_DNS',
      message: `${name} is a wildcard, which cannot be validated over HTTP`,
    });
  }
  if (addresses.ipv4.length + addresses.ipv6.length === 0) return judgeLookup(observation, policy);
  if (observation.placementFault !== null) {
    return failure(observation, policy, {
      code: 'CHALLENGE_NOT_PLACED',
      message: `the challenge file for ${name} could not be placed: ${quoteFault(observation.placementFault.why)}`,
      fault: observation.placementFault.fault,
    });
  }
  const judged = fetches.map((fetch) => ({
    fetch,
    finding: judgeFetch(fetch.observation, observation.expectedBody, policy.maxRedirects),
  }));
  const weighed = judged.every(isPrivate) ? judged : judged.filter((one) => !isPrivate(one));
  const ipv6 = weighed.filter(({ fetch }) => ipVersion(fetch.address) === 6);
  const ipv4 = weighed.filter(({ fetch }) => ipVersion(fetch.address) !== 6);
  const culprit = ipv6.find(isFailed) ?? culpritOf(ipv6, ipv4);
  if (culprit === undefined && judged.length > 0) {
    return { name, passed: true, warnings: warningsOf(observation, judged) };
  }
  return fetchFailure(observation, policy, culprit, ipv4);
}

interface Judged {
  readonly fetch: AddressFetch;
  readonly finding: FetchFinding;
}

const isFailed = ({ finding }: Judged): boolean => finding.kind === 'failed';
/** CAs pass such an address over when the name has others. */
const isPrivate = ({ finding }: Judged): boolean =>
  finding.kind !== 'passed' && finding.code === 'PRIVATE_ADDRESS';
const isPassed = ({ finding }: Judged): boolean => finding.kind === 'passed';

/** The fetch that fails the name when no IPv6 address answered wrongly. */
function culpritOf(ipv6: readonly Judged[], ipv4: readonly Judged[]): Judged | undefined {
  const hasIpv6 = ipv6.length > 0;
  if (hasIpv6 && ipv6.every(isPassed)) return undefined;
  if (hasIpv6 && ipv4.length === 0 && ipv6.some(isPassed)) return undefined;
  return (
    ipv4.find(isFailed) ??
    ipv4.find((judged) => !isPassed(judged)) ??
    (ipv4.length > 0 ? undefined : ipv6.find((judged) => !isPassed(judged)))
  );
}

function judgeLookup(observation: DcvObservation, policy: DcvPolicy): DcvOutcome {
  const { ipv4Error, ipv6Error } = observation.addresses;
  // Some servers deny a name because it has no AAAA record (RFC 4074 section 4.2): only the A lookup is believed in that.
  const errors = [ipv4Error, ipv6Error === 'ENOTFOUND' ? 'ENODATA' : ipv6Error].filter(
    (error) => error !== null,
  );
  const found = LOOKUP_FAILURES.find(([error]) => errors.includes(error));
  if (found === undefined) {
    const seen = errors.map((error) => printable(error)).join(', ') || 'no answer';
    return failure(observation, policy, {
      code: 'DNS_SERVFAIL',
      message: `${observation.name} cannot be resolved (${seen})`,
    });
  }
  const [error, code, what] = found;
  if (error === 'ESERVFAIL' && observation.addresses.isAnsweredUnchecked === true) {
    return failure(observation, policy, {
      code: 'DNSSEC_BOGUS',
      message: `${observation.name} cannot be resolved: its DNSSEC signatures do not verify (SERVFAIL, but an answer when signatures are not checked)`,
    });
  }
  return failure(observation, policy, {
    code,
    message: `${observation.name} ${what}`,
    // Our own resolver is down: nobody else need see that.
    isConclusive: error !== 'ECONNREFUSED',
    fault: error === 'ECONNREFUSED' ? 'ours' : 'owner',
  });
}

function fetchFailure(
  observation: DcvObservation,
  policy: DcvPolicy,
  culprit: Judged | undefined,
  ipv4: readonly Judged[],
): DcvOutcome {
  if (culprit === undefined || culprit.finding.kind === 'passed') {
    return failure(observation, policy, {
      code: 'UNREACHABLE',
      message: `no address of ${observation.name} was tried`,
      isConclusive: false,
    });
  }
  const { fetch, finding } = culprit;
  const isOnlyIpv6 = ipVersion(fetch.address) === 6 && ipv4.length > 0 && ipv4.every(isPassed);
  const only = isOnlyIpv6 ? '; IPv4 works, but certificate authorities ask IPv6 first' : '';
  return failure(observation, policy, {
    code: isOnlyIpv6 ? 'IPV6_BROKEN' : finding.code,
    message: `${sentenceOf(observation, fetch, finding.what)}${only}`,
    address: fetch.address,
    ...(isOnlyIpv6 ? {} : hostsOf(finding)),
    isConclusive: judgePrivateView(fetch, policy).isConclusive,
    mayBeElsewhere: finding.code !== 'PRIVATE_ADDRESS',
  });
}

/** Whom the advice is for: of a redirect that led to another host, the name itself. */
function hostsOf({
  code,
  host,
}: Exclude<FetchFinding, { kind: 'passed' }>): Pick<Fault, 'host' | 'redirectedTo'> {
  if (host === null) return {};
  return code === 'REDIRECTED_AWAY' ? { redirectedTo: host } : { host };
}

function warningsOf(observation: DcvObservation, judged: readonly Judged[]): string[] {
  const warnings = judged.flatMap(({ fetch, finding }) => {
    if (finding.kind !== 'passed') return [sentenceOf(observation, fetch, finding.what)];
    return fetch.localAddress === undefined
      ? []
      : [
          `${observation.name} could be tried only from inside, at ${fetch.localAddress} for ${fetch.address}`,
        ];
  });
  return [...lookupWarnings(observation.name, observation.addresses), ...warnings];
}

/**
 * One family's lookup failed although the other gave addresses: a CA may not be so lucky. Of a name that has IPv6 alone
 * many visitors, and some CAs, see nothing; of an address that is its own name nothing was looked up.
 */
function lookupWarnings(name: string, { ipv4, ipv4Error, ipv6Error }: AddressObservation): string[] {
  if (ipv4.length === 0 && ipv4Error === 'ENODATA') {
    return [`${name} has no A record: it can be reached over IPv6 only`];
  }
  const warn = (type: string, error: string | null): string[] =>
    error === null || error === 'ENODATA'
      ? []
      : [`the ${type} record of ${name} could not be looked up (${printable(error)})`];
  return [...warn('AAAA', ipv6Error), ...warn('A', ipv4Error)];
}

function sentenceOf(observation: DcvObservation, fetch: AddressFetch, what: string): string {
  const inside = fetch.localAddress === undefined ? '' : ` (asked from inside at ${fetch.localAddress})`;
  return `${observation.name} at ${fetch.address}${inside}${what}`;
}

interface Fault {
  readonly code: DcvFailureCode;
  readonly message: string;
  readonly address?: string;
  readonly host?: string;
  readonly redirectedTo?: string;
  readonly isConclusive?: boolean;
  /** The owner's unless told otherwise. */
  readonly fault?: FaultSide;
  /** Whether “points elsewhere” may explain it. */
  readonly mayBeElsewhere?: boolean;
}

function failure(observation: DcvObservation, policy: DcvPolicy, fault: Fault): DcvOutcome {
  const { name, addresses } = observation;
  const all = [...addresses.ipv6, ...addresses.ipv4];
  const isElsewhere =
    fault.mayBeElsewhere === true &&
    policy.ownAddresses.length > 0 &&
    !all.some((address) => isOwnAddress(address, policy));
  const hint = isElsewhere ? `; none of its addresses (${listed(all)}) is on this server` : '';
  const host = fault.host ?? (isWildcard(name) ? name.slice(2) : name);
  const facts = { host, address: fault.address ?? null, isElsewhere };
  return {
    name,
    passed: false,
    code: fault.code,
    message: fault.message + hint,
    advice:
      fault.fault === 'ours'
        ? adviceForRoot(fault.code)
        : adviceFor(
            fault.code,
            fault.redirectedTo === undefined ? facts : { ...facts, redirectedTo: fault.redirectedTo },
          ),
    isConclusive: fault.isConclusive ?? true,
    fault: fault.fault ?? 'owner',
    ...(isElsewhere ? { pointsElsewhere: true } : {}),
  };
}

function listed(addresses: readonly string[]): string {
  const rest = addresses.length - LISTED_ADDRESSES;
  return addresses.slice(0, LISTED_ADDRESSES).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** Why a solver could not place the file: may quote the customer's paths, so it is bounded here once more. */
function quoteFault(why: string): string {
  const text = printable(why);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
