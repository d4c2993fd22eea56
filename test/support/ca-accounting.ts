import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonSync } from 'fs-extra/esm';
import { PATHS, type SeenRequest } from './acme-proxy.js';
import type { BuiltTree } from './tree-builder.js';

/** What a CA did for the names that end in `suffix`, beside what the tree remembers. */
export interface CaAccounting {
  /** URLs of orders that the CA made. */
  readonly placed: readonly string[];
  /** Those of them whose request it took: it issues a certificate for each. */
  readonly finalized: readonly string[];
  /** Those of them that were never finalized. */
  readonly wasted: readonly string[];
  /** URLs of orders that `issued/` records. */
  readonly recorded: readonly string[];
}

export function accountingOf(
  requests: readonly SeenRequest[],
  suffix: string,
  built: BuiltTree,
): CaAccounting {
  const placed = requests
    .filter(
      ({ path, status, payload }) => path === PATHS.newOrder && status === 201 && isFor(payload, suffix),
    )
    .map(({ location }) => location ?? '');
  const taken = new Set(
    requests
      .filter(({ path, status }) => path.startsWith(PATHS.finalize) && status === 200)
      .map(({ path }) => path.slice(PATHS.finalize.length)),
  );
  const isFinalized = (url: string): boolean => taken.has(url.slice(url.lastIndexOf('/') + 1));
  return {
    placed,
    finalized: placed.filter(isFinalized).sort(),
    wasted: placed.filter((url) => !isFinalized(url)),
    recorded: recordedOrders(built).sort(),
  };
}

function isFor(payload: unknown, suffix: string): boolean {
  const { identifiers } = payload as { readonly identifiers: readonly { readonly value: string }[] };
  return identifiers.every(({ value }) => value.endsWith(suffix));
}

function recordedOrders(built: BuiltTree): string[] {
  const folder = built.tree.issued();
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((file) => {
    const { records } = readJsonSync(join(folder, file)) as {
      readonly records: readonly { readonly orderUrl: string | null }[];
    };
    // What lay there before the test began has no order.
    return records.flatMap(({ orderUrl }) => (orderUrl === null ? [] : [orderUrl]));
  });
}
