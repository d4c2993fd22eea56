import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readJsonSync } from 'fs-extra/esm';
import { leavePastLogs } from './run-logs.js';
import type { BuiltTree } from './tree-builder.js';

const LISTS = ['/etc/userdatadomains', '/etc/userdomains'];

/** What a panel does to the files of accounts, in a tree that was built with its domain index. */
export class AccountChanges {
  readonly #built: BuiltTree;

  constructor(built: BuiltTree) {
    this.#built = built;
  }

  /** Takes the account out of every list; its home and its certificates stay. */
  remove(account: string): void {
    const owner = new RegExp(`: ${account}(?:==|$)`);
    for (const list of LISTS) this.#edit(list, (line) => (owner.test(line) ? undefined : line));
    rmSync(this.#built.path(`/var/cpanel/users/${account}`));
    rmSync(this.#built.path(`/var/cpanel/userdata/${account}`), { recursive: true });
    rmSync(this.#built.path(`/var/cpanel/suspended/${account}`), { force: true });
  }

  /** The same websites under another user's name. */
  rename(account: string, next: string): void {
    const users = `/var/cpanel/users/${account}`;
    this.#edit(users, (line) => (line === `USER=${account}` ? `USER=${next}` : line));
    renameSync(this.#built.path(users), this.#built.path(`/var/cpanel/users/${next}`));
    const userdata = this.#built.path(`/var/cpanel/userdata/${account}`);
    renameSync(userdata, this.#built.path(`/var/cpanel/userdata/${next}`));
    for (const list of LISTS)
      this.#edit(list, (line) => line.replace(new RegExp(`: ${account}(?===|$)`), `: ${next}`));
    this.#edit('/etc/passwd', (line) => line.replace(new RegExp(`^${account}:`), `${next}:`));
  }

  suspend(account: string): void {
    this.#built.write(`/var/cpanel/suspended/${account}`, '');
  }

  unsuspend(account: string): void {
    rmSync(this.#built.path(`/var/cpanel/suspended/${account}`));
  }

  /** As if the websites that are noted as gone had been so for some days more, of which runs left logs. */
  ageNotes(days: number): void {
    leavePastLogs(this.#built.tree, new Date());
    const path = this.#notesPath();
    const notes = readJsonSync(path);
    const websites = (notes.websites as { readonly goneSince: string }[]).map((note) => ({
      ...note,
      goneSince: new Date(Date.parse(note.goneSince) - days * 86_400_000).toISOString(),
    }));
    writeFileSync(path, JSON.stringify({ ...notes, websites }), { mode: 0o600 });
  }

  /** Websites that are noted as gone, sorted. */
  noted(): readonly string[] {
    if (!existsSync(this.#notesPath())) return [];
    const { websites } = readJsonSync(this.#notesPath());
    return (websites as { readonly vhost: string }[]).map(({ vhost }) => vhost).sort();
  }

  #notesPath(): string {
    return this.#built.tree.orphans();
  }

  #edit(path: string, change: (line: string) => string | undefined): void {
    const lines = readFileSync(this.#built.path(path), 'utf8').split('\n');
    const changed = lines.map(change).filter((line) => line !== undefined);
    writeFileSync(this.#built.path(path), changed.join('\n'));
  }
}
