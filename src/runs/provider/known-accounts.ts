import type { AccountInventory } from '../../core/domain/website/website.js';
import { accountChanges, type KnownAccount } from '../../core/provider/account-changes.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { ProviderHooks } from '../ports/authority.js';
import { tellOfAccounts } from './provider-hooks.js';

/** The accounts that a full run meets, for a provider that wants to be told what becomes of them. */
export class MetAccounts {
  readonly #met: KnownAccount[] = [];
  readonly #hooks: ProviderHooks;

  constructor(hooks: ProviderHooks) {
    this.#hooks = hooks;
  }

  meet(inventory: AccountInventory): void {
    if (inventory.state === 'ready') {
      const { name, primaryDomain } = inventory.account;
      this.#met.push({ name, domain: primaryDomain });
    } else {
      this.#met.push({ name: inventory.account, domain: inventory.domains?.[0] ?? null });
    }
  }

  /** Tells what changed since the last full run, and remembers these. The first time nothing has. */
  async conclude(recorder: RunRecorder): Promise<void> {
    const before = await this.#hooks.knownAccounts();
    if (before !== null) await tellOfAccounts(accountChanges(before, this.#met), this.#hooks, recorder);
    await this.#hooks.remember(this.#met);
  }
}
