import type { WebSite } from '../support/embedded-web.js';
import { aCertificate, anIntermediate, aRoot } from '../support/pki.js';
import { aTree, automaticSubdomain, type BuiltTree } from '../support/tree-builder.js';

const DAY_MS = 86_400_000;

/** Five accounts, ten websites: each shows one thing that happens on real servers. */
const alice = { domain: 'alice.test', addons: ['alice-shop.test'], aliases: ['alice.example'] };
/** Its alias `gone.example` points nowhere any more. */
const bob = { domain: 'bob.test', aliases: ['gone.example'], subs: ['blog.bob.test'] };
/** One name excluded; a weak self-signed certificate; one of ours inside its renewal window. */
const carol = {
  domain: 'carol.test',
  exclude: ['mail.carol.test'],
  subs: ['old.carol.test', 'due.carol.test'],
};
/** Suspended. */
const dave = { domain: 'dave.test', suspended: true };
/** A healthy certificate bought elsewhere. */
const erin = { domain: 'erin.test', subs: ['new.erin.test'] };

/** The website whose certificate of ours is due. */
export const DUE_VHOST = 'due.carol.test';

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
    .build();
}

const shop = automaticSubdomain('alice-shop.test', 'alice.test');
const mailNames = (name: string): string[] => [name, `www.${name}`, `mail.${name}`];
const plainNames = (name: string): string[] => [name, `www.${name}`];

/** Names of each website, by its vhost. */
const NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['alice.test', [...mailNames('alice.test'), ...mailNames('alice.example')]],
  [shop, [...plainNames(shop), ...mailNames('alice-shop.test')]],
  ['bob.test', mailNames('bob.test')],
  ['blog.bob.test', plainNames('blog.bob.test')],
  ['carol.test', mailNames('carol.test')],
  ['old.carol.test', plainNames('old.carol.test')],
  ['due.carol.test', plainNames('due.carol.test')],
  ['erin.test', mailNames('erin.test')],
  ['new.erin.test', plainNames('new.erin.test')],
]);

/** Names that the embedded resolver knows: all but the alias that is gone. */
export function dnsNamesOfTheDemo(): string[] {
  return [...NAMES.values()].flat();
}

/** What the embedded web server serves, by host name. */
export const DEMO_WEBSITES: readonly (readonly [string, WebSite])[] = [...NAMES].flatMap(([vhost, names]) =>
  names.map((name) => [name, { vhost, documentRoot: null }] as const),
);
