import { createChallengeSolver } from '../../../src/adapters/solvers/create-solver.js';
import { Tree } from '../../../src/adapters/system/tree.js';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';

/** Places the tokens named on the command line, says so, and waits to be killed (or forgets to close the solver). */
const [root = '', place = '', ...tokens] = process.argv.slice(2);
const solver = createChallengeSolver({
  tree: new Tree(root),
  clock: { now: () => new Date() },
  place: place === 'shared-folder' ? 'shared-folder' : 'account-folder',
  homeDirectoryOf: async () => null,
});
const name = parseDomainName('shop.test');
for (const token of tokens) {
  const website = {
    account: parseAccountName('shop'),
    vhost: name,
    candidates: [],
    excluded: [],
    documentRoot: '/home/shop/public_html',
    keyType: 'rsa-2048',
  } as const;
  const answer = await solver.present({ website, name, token, content: `${token}.thumb` });
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
if (process.env['PLACER_FORGETS'] !== '1') setInterval(() => undefined, 1000);
