import type { Installer, ReloadDebt } from '../../runs/ports.js';

/** An installer that remembers what it owes. */
export class OwingInstaller implements Installer {
  readonly #debt: ReloadDebt;
  readonly #command: Pick<Installer, 'reload'>;

  constructor(debt: ReloadDebt, command: Pick<Installer, 'reload'>) {
    this.#debt = debt;
    this.#command = command;
  }

  oweReload(): Promise<void> {
    return this.#debt.owe();
  }

  isReloadOwed(): Promise<boolean> {
    return this.#debt.isOwed();
  }

  async reload(): ReturnType<Installer['reload']> {
    const begun = await this.#debt.begin();
    const outcome = await this.#command.reload();
    if (outcome === undefined || outcome.ok) await begun.settle();
    return outcome;
  }
}
