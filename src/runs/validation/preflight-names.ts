import type { AddressRanges } from '../../core/dcv/address-ranges.js';
import { keyAuthorizationOf, PREFLIGHT_TOKEN_PREFIX } from '../../core/dcv/challenge.js';
import { judgeDcv } from '../../core/dcv/judge.js';
import type {
  AddressObservation,
  DcvObservation,
  DcvOutcome,
  PlacementFault,
} from '../../core/dcv/outcome.js';
import type { DcvPolicy } from '../../core/dcv/private-view.js';
import { type DomainName, isWildcard, type WantedName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import type { ChallengeSolver } from '../ports/challenges.js';
import type { RandomSource } from '../ports/clock.js';
import type { HttpProbe, NameResolver } from '../ports/looks.js';
import { type ExpectedChallenge, observeHttpAt } from './observe-http.js';

/** Bytes of chance in a token and in its file: 128 and 256 bits, as in a CA's challenge. */
const TOKEN_BYTES = 16;
const CONTENT_BYTES = 32;
/** Names of one website looked up or fetched at once. */
const DEFAULT_CONCURRENCY = 10;

export interface PreflightPorts {
  readonly resolver: NameResolver;
  readonly probe: HttpProbe;
  readonly solver: ChallengeSolver;
  readonly random: RandomSource;
  readonly ownAddresses: readonly string[];
  /** Public address → local address of this server. */
  readonly addressMap: ReadonlyMap<string, string>;
  /** Where names may be looked at although no public CA would connect there. */
  readonly privateNetworks: AddressRanges;
  /** The provider's. */
  readonly maxRedirects: number;
  readonly concurrency?: number;
  /** Told of all that was seen of each name, when it is judged. */
  readonly onSeen?: (observation: DcvObservation) => void;
  readonly signal?: AbortSignal;
}

const NO_LOOKUP: AddressObservation = { ipv4: [], ipv6: [], ipv4Error: null, ipv6Error: null };

/**
 * Does for each name of a website what the CA will do, with a file of our own: cheap refusals first (a wildcard, a name
 * without address), then one file placed, fetched at each address of each name, and taken away whatever happens.
 * Outcomes in the names' order. @throws the signal's reason, and what the solver throws for a fault of ours
 */
export async function preflightNames(
  website: Website,
  names: readonly WantedName[],
  ports: PreflightPorts,
): Promise<DcvOutcome[]> {
  const policy: DcvPolicy = ports;
  const concurrency = ports.concurrency ?? DEFAULT_CONCURRENCY;
  const looked = await inTurns(names, concurrency, ports.signal, (name) => lookUp(name, ports.resolver));
  const hasAddress = ({ ipv4, ipv6 }: AddressObservation): boolean => ipv4.length + ipv6.length > 0;
  const reachable = looked.filter(({ addresses }) => hasAddress(addresses));
  const [first] = reachable;
  const observations = new Map<WantedName, DcvObservation>(
    looked.map(({ name, addresses }) => [name, unfetched(name, addresses, null)]),
  );
  if (first !== undefined) {
    const challenge = newChallenge(ports.random);
    const placed = { website, name: first.name, ...challenge };
    try {
      const placement = await ports.solver.present(placed);
      if (placement.ok) {
        const seen = await inTurns(reachable, concurrency, ports.signal, ({ name, addresses }) =>
          // A wildcard never has addresses here; an IP identifier is fetched like a host name.
          observeHttpAt(
            name as DomainName,
            addresses,
            challenge,
            { ...ports, policy },
            ports.signal,
            website.account,
          ),
        );
        for (const observation of seen) observations.set(observation.name, observation);
      } else {
        for (const { name, addresses } of reachable) {
          observations.set(name, unfetched(name, addresses, placement));
        }
      }
    } finally {
      const { documentRoot, account } = website;
      // A file that stays is harmless and the next run's sweep takes it; it must not hide what was seen.
      await ports.solver
        .cleanUp({ name: placed.name, token: placed.token, documentRoot, account })
        .catch(() => undefined);
    }
  }
  ports.signal?.throwIfAborted();
  return [...observations.values()].map((observation) => {
    ports.onSeen?.(observation);
    return judgeDcv(observation, policy);
  });
}

interface LookedUp {
  readonly name: WantedName;
  readonly addresses: AddressObservation;
}

async function lookUp(name: WantedName, resolver: NameResolver): Promise<LookedUp> {
  if (isWildcard(name)) return { name, addresses: NO_LOOKUP };
  if (name.includes(':')) return { name, addresses: { ...NO_LOOKUP, ipv6: [name] } };
  if (/^[0-9.]+$/.test(name)) return { name, addresses: { ...NO_LOOKUP, ipv4: [name] } };
  return { name, addresses: await resolver.addressesOf(name as DomainName) };
}

function unfetched(
  name: WantedName,
  addresses: AddressObservation,
  placementFault: PlacementFault | null,
): DcvObservation {
  return { name, method: 'http-01', addresses, fetches: [], expectedBody: '', placementFault };
}

function newChallenge(random: RandomSource): ExpectedChallenge {
  const text = (length: number): string => Buffer.from(random.bytes(length)).toString('base64url');
  const token = PREFLIGHT_TOKEN_PREFIX + text(TOKEN_BYTES);
  return { token, content: keyAuthorizationOf(token, text(CONTENT_BYTES)) };
}

/** The task for each item, at most `limit` at a time, results in order; stops beginning new ones when aborted. */
async function inTurns<T, R>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal | undefined,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const entries = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of entries) {
      signal?.throwIfAborted();
      results[index] = await task(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, limit), items.length) }, work));
  return results;
}
