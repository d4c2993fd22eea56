import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../../src/core/domain/autossl-error.js';
import type { EditWebsitesHost } from '../../../src/runs/edit-websites.js';
import { listTree } from '../../support/file-tree.js';
import { aTree } from '../../support/tree-builder.js';
import { add, HOSTING_USERS, remove, websitesHost } from '../../support/websites-host.js';

/** What an administrator believes to have set up. */
interface Belief {
  readonly user: string;
  readonly kind: 'main' | 'sub' | 'addon';
  readonly aliases: Map<string, 'domain' | 'plain'>;
}
/** The long suite goes where the short one rarely comes. */
const RUNS = process.env['LONG'] === '1' ? 1500 : 40;
const LONG_MS = 600_000;

type Beliefs = Map<string, Belief>;

const USERS = ['alice', 'bob'] as const;
const NAMES = [
  'a.test',
  'b.test',
  'c.test',
  'x.a.test',
  'deep.x.a.test',
  'y.b.test',
  '*.a.test',
  'www.b.test',
  'mail.x.a.test',
  'www.c.test',
  'webmail.a.test',
] as const;

const step = fc.record({
  user: fc.constantFrom(...USERS),
  name: fc.constantFrom(...NAMES),
  aliases: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }),
  isRemoval: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const isAutomatic = (name: string) => /^(www|mail|webmail)\./.test(name);

function domainsOf(user: string, beliefs: Beliefs): ReadonlySet<string> {
  const domains = new Set<string>();
  for (const [name, belief] of beliefs) {
    if (belief.user !== user) continue;
    if (belief.kind !== 'sub') domains.add(name);
    for (const [alias, kind] of belief.aliases) if (kind === 'domain') domains.add(alias);
  }
  return domains;
}
const liesBelowOne = (name: string, domains: ReadonlySet<string>) =>
  [...domains].some((domain) => name.endsWith(`.${domain}`));

/** What the certificate of a website should cover. */
function namesWanted(vhost: string, beliefs: Beliefs): readonly string[] {
  const { user, kind, aliases } = beliefs.get(vhost) as Belief;
  const domains = domainsOf(user, beliefs);
  const wanted = new Set<string>();
  const want = (name: string, labels: readonly string[]) => {
    for (const one of [name, ...labels.map((label) => `${label}.${name}`)]) wanted.add(one);
  };
  const labelsOf = (name: string, isDomain: boolean) =>
    name.startsWith('*.') ? [] : isDomain ? ['www', 'mail'] : ['www'];
  want(vhost, labelsOf(vhost, kind !== 'sub'));
  for (const [alias, aliasKind] of aliases) {
    if (aliasKind === 'plain' && isAutomatic(alias)) want(alias, []);
    else want(alias, labelsOf(alias, aliasKind === 'domain' || !liesBelowOne(alias, domains)));
  }
  for (const [other, belief] of beliefs) {
    if (other === vhost) continue;
    for (const name of [other, ...belief.aliases.keys()]) wanted.delete(name);
  }
  return [...wanted].sort();
}

function believe({ user, name, aliases, isRemoval }: Step, beliefs: Beliefs): void {
  const present = beliefs.get(name);
  if (isRemoval) {
    if (aliases.length === 0) beliefs.delete(name);
    for (const alias of aliases) present?.aliases.delete(alias);
    return;
  }
  const isFirst = ![...beliefs.values()].some((belief) => belief.user === user);
  const kind = isFirst ? 'main' : liesBelowOne(name, domainsOf(user, beliefs)) ? 'sub' : 'addon';
  const belief: Belief = present ?? { user, kind, aliases: new Map() };
  beliefs.set(name, belief);
  const rank = (alias: string) => alias.split('.').length;
  for (const alias of [...aliases].sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1))) {
    if (alias === name || belief.aliases.has(alias) || namesWanted(name, beliefs).includes(alias)) continue;
    const isPlain =
      alias.startsWith('*.') || isAutomatic(alias) || liesBelowOne(alias, domainsOf(user, beliefs));
    belief.aliases.set(alias, isPlain ? 'plain' : 'domain');
  }
}

/** Locks come and go beside the account files. */
const accountFiles = (root: string) => listTree(root).filter((line) => !line.startsWith('var/cpanel/ssl'));

async function namesRead(host: EditWebsitesHost): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for await (const inventory of host.accounts.readAll()) {
    expect(inventory).toMatchObject({ state: 'ready', faults: [] });
    if (inventory.state !== 'ready') continue;
    for (const { account, vhost, candidates } of inventory.websites) {
      found.set(`${account} ${vhost}`, candidates.map(({ name }) => name).sort());
    }
  }
  return found;
}

describe.each(['fresh', 'none'] as const)('on a server whose domain index is %s', (index) => {
  test(
    'what was asked for is read back, step by step; what is refused changes nothing',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
          const built = aTree().domainIndex(index).file('/etc/passwd', HOSTING_USERS).build();
          try {
            const host = websitesHost(built.tree);
            const beliefs: Beliefs = new Map();
            for (const one of steps) {
              const before = accountFiles(built.root);
              const edit = one.isRemoval ? remove : add;
              const error = await edit(host, one.user, one.name, ...one.aliases).catch(
                (reason: unknown) => reason,
              );
              if (error instanceof UsageError) {
                expect(accountFiles(built.root)).toEqual(before);
                continue;
              }
              expect(error).toMatchObject({ schemaVersion: 1 });
              believe(one, beliefs);
              const expected = new Map(
                [...beliefs].map(([name, { user }]) => [`${user} ${name}`, namesWanted(name, beliefs)]),
              );
              expect(await namesRead(host)).toEqual(expected);
            }
          } finally {
            await built.cleanUp();
          }
        }),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );
});
