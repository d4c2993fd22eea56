import { aCertificate, anIntermediate, aRoot } from '../support/pki.js';
import { aTree, type BuiltTree } from '../support/tree-builder.js';
import { DUE_VHOST } from './websites.js';

const DAY_MS = 86_400_000;

/*
 * Five accounts, ten websites: what each shows stands in websites.ts. Some names are excluded, unknown or suspended here.
 */
const alice = { domain: 'alice.test', addons: ['alice-shop.test'], aliases: ['alice.example'] };
/** Its alias `gone.example` points nowhere any more. */
const bob = { domain: 'bob.test', aliases: ['gone.example'], subs: ['blog.bob.test'] };
/** One name excluded; a weak self-signed certificate; one of ours inside its renewal window. */
const carol = {
  domain: 'carol.test',
  exclude: ['mail.carol.test'],
  subs: ['old.carol.test', DUE_VHOST],
};
/** Suspended. */
const dave = { domain: 'dave.test', suspended: true };
/** A healthy certificate bought elsewhere. */
const erin = { domain: 'erin.test', subs: ['new.erin.test'] };

/** Writes the tree; ports and the due certificate come later. */
export function buildDemoTree(): BuiltTree {
  const now = Date.now();
  const root = aRoot({ organization: 'A Bought CA', name: 'A Bought CA Root' });
  const bought = aCertificate({
    names: ['erin.test', 'www.erin.test', 'mail.erin.test'],
    notBefore: new Date(now - 20 * DAY_MS),
    notAfter: new Date(now + 300 * DAY_MS),
    issuer: anIntermediate({ issuer: root, organization: 'A Bought CA', name: 'A Bought CA R1' }),
  });
  const weak = aCertificate({
    names: ['old.carol.test'],
    keyType: 'rsa-1024',
    issuer: 'self',
    notBefore: new Date(now - 400 * DAY_MS),
    notAfter: new Date(now + 1000 * DAY_MS),
  });
  return aTree()
    .account('alice', alice)
    .account('bob', bob)
    .account('carol', { ...carol, keyType: 'ecdsa-prime256v1' })
    .account('dave', dave)
    .account('erin', erin)
    .combined('erin.test', bought.combined)
    .combined('old.carol.test', weak.combined)
    .file('/etc/ssl/roots.pem', root.certPem)
    .build('autossl-demo-');
}
