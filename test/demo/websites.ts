import type { WebSite } from '../support/embedded-web.js';
import { automaticSubdomain } from '../support/tree-builder.js';

/** What the first run does with a website. */
export type Outcome = 'new' | 'replaced' | 'renewed' | 'left alone' | 'not looked at';

/** One website of the demo and the thing of real servers that it shows. */
export interface DemoWebsite {
  readonly account: string;
  readonly vhost: string;
  readonly outcome: Outcome;
  readonly shows: string;
  /** Names that lead here. */
  readonly names: readonly string[];
  /** Names that the account data has and the certificate must not. */
  readonly lacks: readonly string[];
}

/** The website whose certificate of ours is due. */
export const DUE_VHOST = 'due.carol.test';

const withMail = (name: string): string[] => [name, `www.${name}`, `mail.${name}`];
const withWww = (name: string): string[] => [name, `www.${name}`];
const shop = automaticSubdomain('alice-shop.test', 'alice.test');

export const DEMO_WEBSITES: readonly DemoWebsite[] = [
  {
    account: 'alice',
    vhost: 'alice.test',
    outcome: 'new',
    shows: 'a website with an alias domain, never had a certificate',
    names: [...withMail('alice.test'), ...withMail('alice.example')],
    lacks: [],
  },
  {
    account: 'alice',
    vhost: shop,
    outcome: 'new',
    shows: 'an addon domain',
    names: [...withWww(shop), ...withMail('alice-shop.test')],
    lacks: [],
  },
  {
    account: 'bob',
    vhost: 'bob.test',
    outcome: 'new',
    shows: 'its alias gone.example is unknown in DNS: left out',
    names: withMail('bob.test'),
    lacks: withMail('gone.example'),
  },
  {
    account: 'bob',
    vhost: 'blog.bob.test',
    outcome: 'new',
    shows: 'a subdomain',
    names: withWww('blog.bob.test'),
    lacks: [],
  },
  {
    account: 'carol',
    vhost: 'carol.test',
    outcome: 'new',
    shows: 'its owner excluded mail.carol.test',
    names: withWww('carol.test'),
    lacks: ['mail.carol.test'],
  },
  {
    account: 'carol',
    vhost: 'old.carol.test',
    outcome: 'replaced',
    shows: 'was self-signed with a weak RSA key',
    names: withWww('old.carol.test'),
    lacks: [],
  },
  {
    account: 'carol',
    vhost: DUE_VHOST,
    outcome: 'renewed',
    shows: 'one of ours, inside its renewal window',
    names: withWww(DUE_VHOST),
    lacks: [],
  },
  {
    account: 'dave',
    vhost: 'dave.test',
    outcome: 'not looked at',
    shows: 'the account is suspended',
    names: withMail('dave.test'),
    lacks: [],
  },
  {
    account: 'erin',
    vhost: 'erin.test',
    outcome: 'left alone',
    shows: 'a healthy certificate bought elsewhere',
    names: withMail('erin.test'),
    lacks: [],
  },
  {
    account: 'erin',
    vhost: 'new.erin.test',
    outcome: 'new',
    shows: 'a new subdomain beside it',
    names: withWww('new.erin.test'),
    lacks: [],
  },
];

/** Names that the embedded resolver knows: all but the alias that is gone. */
export function resolvableNames(): readonly string[] {
  return DEMO_WEBSITES.flatMap(({ names }) => names);
}

/** What the embedded web server serves, by host name. */
export function servedWebsites(): readonly (readonly [string, WebSite])[] {
  return DEMO_WEBSITES.flatMap(({ vhost, names }) =>
    names.map((name) => [name, { vhost, documentRoot: null }] as const),
  );
}
