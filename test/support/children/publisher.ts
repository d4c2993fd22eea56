import { FileCertificateStore } from '../../../src/adapters/store/publication/certificates.js';
import { Tree } from '../../../src/adapters/system/tree.js';
import { fakeKeyMatches, fakePair, takeFakeApart, websiteRef } from '../fake-pairs.js';
import { fixedClock } from '../fixed-clock.js';

// Publishes a pair, or puts it back, or takes what lies there away, or places the pair where nothing lies, and dies by
// kill -9 at the n-th step.
const [root = '', pair = '', names = '', dieAt = '0', action = 'publish'] = process.argv.slice(2);
let step = 0;
const store = new FileCertificateStore({
  tree: new Tree(root),
  clock: fixedClock('2026-06-01T00:00:00Z'),
  takeApart: takeFakeApart,
  keyMatchesCertificate: fakeKeyMatches,
  afterStep: (name) => {
    step += 1;
    if (step !== Number(dieAt)) return;
    process.stdout.write(`${name}\n`);
    process.kill(process.pid, 'SIGKILL');
  },
});
try {
  const website = websiteRef('example.com');
  const set = { website, ...fakePair(pair, names.split(',')) };
  if (action === 'publish') await store.publish(set);
  if (action === 'restore')
    await store.restore(website, { text: set.keyPem + set.chainPem, fingerprint: null });
  if (action === 'remove') await store.restore(website, null);
  if (action === 'place') await store.placeIfAbsent(set);
  process.stdout.write('published\n');
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}: ${(error as Error).message}\n`);
}
