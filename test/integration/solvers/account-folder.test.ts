import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AccountFolderSolver } from '../../../src/adapters/solvers/account-folder.js';
import { parseDomainName } from '../../../src/core/domain/names.js';
import { ACCOUNT_UID, ChallengeTree, CLOCK, isRoot } from '../../support/challenge-tree.js';

const NAME = parseDomainName('shop.test');
const TOKEN = 'autossl-preflight-abc_DEF-123';
let place: ChallengeTree;
let solver: AccountFolderSolver;
beforeEach(() => {
  place = new ChallengeTree();
  solver = new AccountFolderSolver(place.tree, CLOCK, { homeDirectoryOf: async () => null });
});
afterEach(async () => {
  await solver.close();
  place.remove();
});
const challenge = (token = TOKEN, documentRoot?: string) => ({
  website: place.website(documentRoot),
  name: NAME,
  token,
  content: `${token}.thumbprint`,
});
const removed = (token = TOKEN, documentRoot = '/home/shop/public_html') => ({
  name: NAME,
  token,
  documentRoot,
  account: 'shop',
});
const folder = () => join(place.documentRoot, '.well-known/acme-challenge');

describe('a challenge in the document root', () => {
  test('is written as the account, readable for the web server, and leaves nothing behind', async () => {
    expect(await solver.present(challenge())).toEqual({ ok: true });
    const file = join(folder(), TOKEN);
    expect(readFileSync(file, 'utf8')).toBe(`${TOKEN}.thumbprint`);
    const { uid, gid, mode } = lstatSync(file);
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({
      uid: isRoot ? ACCOUNT_UID : process.getuid?.(),
      gid: isRoot ? ACCOUNT_UID : process.getgid?.(),
      mode: 0o644,
    });
    expect(lstatSync(folder()).mode & 0o7777).toBe(0o755);
    await solver.cleanUp(removed());
    expect(readdirSync(place.documentRoot)).toEqual([]);
  });
});
