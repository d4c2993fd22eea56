import { describe, expect, test } from '@jest/globals';
import type { EditWebsitesHost } from '../../../src/runs/edit-websites.js';
import type { HeldLock, LockKeeper } from '../../../src/runs/ports/locks.js';
import { listTree } from '../../support/file-tree.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';
import { add, HOSTING_USERS, remove, websitesHost } from '../../support/websites-host.js';

class Killed extends Error {}

/** Every file is replaced or removed just after the lock is looked at: there the command is killed. */
function killedAtStep(step: number, locks: LockKeeper): LockKeeper {
  return {
    ...locks,
    acquire: async (name, note) => {
      const lock = await locks.acquire(name, note);
      let looks = 0;
      const killed: HeldLock = {
        signal: lock.signal,
        release: () => lock.release(),
        assertHeld: async () => {
          looks += 1;
          if (looks === step) throw new Killed();
          await lock.assertHeld();
        },
      };
      return killed;
    },
  };
}

const ALICE = {
  domain: 'alice.test',
  aliases: ['alias.test'],
  addons: ['addon.test'],
  subs: ['shop.alice.test'],
};
const LISTS = {
  '/etc/trueuserdomains': 'alice.test: alice\n',
  '/etc/domainusers': 'alice: alice.test\n',
  '/etc/trueuserowners': 'alice: root\n',
};

function server(index: 'fresh' | 'none', accounts: readonly string[]): BuiltTree {
  let builder = aTree().domainIndex(index).file('/etc/passwd', HOSTING_USERS);
  if (accounts.includes('alice')) builder = builder.account('alice', ALICE);
  if (accounts.includes('carol')) builder = builder.account('carol', { domain: 'carol.test' });
  for (const [path, contents] of Object.entries(LISTS)) builder = builder.file(path, contents);
  return builder.build();
}
const accountFiles = (root: string) => listTree(root).filter((line) => !line.startsWith('var/cpanel/ssl'));

/** Names by website, of accounts that a run would look at; broken ones by their code. */
async function seen(host: EditWebsitesHost): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for await (const inventory of host.accounts.readAll()) {
    if (inventory.state === 'broken') found.set(inventory.account, [inventory.fault.code]);
    if (inventory.state !== 'ready') continue;
    for (const { vhost, candidates } of inventory.websites) {
      found.set(vhost, candidates.map(({ name }) => name).sort());
    }
  }
  return found;
}

type Command = (host: EditWebsitesHost) => Promise<unknown>;
const COMMANDS: readonly (readonly [string, readonly string[], Command])[] = [
  ['a first website is added', [], (host) => add(host, 'bob', 'bob.test', 'other.test')],
  ['a second website is added', ['alice'], (host) => add(host, 'alice', 'new.test', 'new-alias.test')],
  ['a website gets an alias', ['alice'], (host) => add(host, 'alice', 'alice.test', 'late.test')],
  ['a website is removed', ['alice'], (host) => remove(host, 'alice', 'addon.alice.test')],
  ['an alias is removed', ['alice'], (host) => remove(host, 'alice', 'alice.test', 'alias.test')],
  ['an account is removed', ['alice', 'carol'], (host) => remove(host, 'carol', 'carol.test')],
];

describe.each(['fresh', 'none'] as const)('killed between any two files, domain index %s', (index) => {
  test.each(COMMANDS)(
    'while %s: others are as before, and the same command finishes it',
    async (_, accounts, command) => {
      const whole = server(index, accounts);
      const killed: BuiltTree[] = [];
      try {
        const wholeHost = websitesHost(whole.tree);
        const before = await seen(wholeHost);
        await command(wholeHost);
        const after = await seen(wholeHost);
        const untouched = [...before].filter(([name, names]) => String(after.get(name)) === String(names));
        for (let step = 1; ; step += 1) {
          const built = server(index, accounts);
          killed.push(built);
          const host = websitesHost(built.tree);
          const error = await command({ ...host, locks: killedAtStep(step, host.locks) }).catch(
            (one: unknown) => one,
          );
          if (!(error instanceof Killed)) {
            expect(step).toBeGreaterThan(3);
            break;
          }
          const between = await seen(websitesHost(built.tree));
          for (const [name, names] of untouched)
            expect([step, name, between.get(name)]).toEqual([step, name, names]);
          await command(websitesHost(built.tree));
          expect(accountFiles(built.root)).toEqual(accountFiles(whole.root));
        }
      } finally {
        for (const built of [whole, ...killed]) await built.cleanUp();
      }
    },
  );
});
