import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Tree } from '../../src/adapters/system/tree.js';
import { parseAccountName } from '../../src/core/domain/account/account-name.js';
import { parseDomainName } from '../../src/core/domain/name/names.js';
import type { Website } from '../../src/core/domain/website/website.js';

/** A uid that no real account has: helpers of tests become it when the tests run as root. */
export const ACCOUNT_UID = 54_321;
export const isRoot = process.getuid?.() === 0;

export const CLOCK = { now: () => new Date() };

/** A private tree with one account `shop` (uid 54321) and its document root. */
export class ChallengeTree {
  readonly folder: string;
  readonly tree: Tree;
  readonly home: string;
  readonly documentRoot: string;

  constructor() {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-challenge-')));
    mkdirSync(join(this.folder, 'etc'));
    // Others must be able to walk through to the account's home, as on a real server.
    for (const path of [this.folder, join(this.folder, 'etc')]) chmodSync(path, 0o755);
    this.tree = new Tree(this.folder);
    this.writePasswd(`shop:x:${ACCOUNT_UID}:${ACCOUNT_UID}::/home/shop:/bin/false\n`);
    this.home = this.makeFolder('/home/shop');
    this.documentRoot = this.makeFolder('/home/shop/public_html');
  }

  writePasswd(text: string): void {
    writeFileSync(join(this.folder, 'etc/passwd'), `root:x:0:0::/root:/bin/sh\n${text}`);
  }

  /** A folder with its parents; it (not they) belongs to the account. */
  makeFolder(path: string, uid: number = isRoot ? ACCOUNT_UID : (process.getuid?.() ?? 0)): string {
    const real = join(this.folder, path);
    const first = mkdirSync(real, { recursive: true });
    for (let folder = real; first !== undefined && folder.length >= first.length; folder = dirname(folder)) {
      chmodSync(folder, 0o755);
    }
    chownSync(real, uid, uid);
    return real;
  }

  website(documentRoot = '/home/shop/public_html', account = 'shop'): Website {
    return {
      account: parseAccountName(account),
      vhost: parseDomainName('shop.test'),
      candidates: [],
      excluded: [],
      documentRoot,
      keyType: 'rsa-2048',
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
