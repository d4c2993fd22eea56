import type { CaSite, HostedTree, HostedTreeOptions } from './ca-site.js';
import { PEBBLE_TERMS } from './ca-site.js';
import type { AccountSpec } from './tree-builder.js';

export type ChallengeMethod = 'shared-folder' | 'account-folder';

/** A tree with some alike websites, one to an account, the provider chosen already. */
export interface HostedWebsites extends HostedTree {
  /** All of its names end so, and no other tree's. */
  readonly suffix: string;
}

export interface HostedWebsitesOptions extends HostedTreeOptions {
  readonly method?: ChallengeMethod;
  readonly websites?: number;
  /** Of its certificates, where the CA has profiles. */
  readonly profile?: string;
}

/** Accounts `user0 …` with the websites `site0.<name>.test …`; the first has an RSA key. No program was run on it yet. */
export async function hostWebsites(
  site: CaSite,
  name: string,
  {
    method = 'shared-folder',
    websites = 3,
    profile,
    settings = {},
    furnish = (one) => one,
  }: HostedWebsitesOptions = {},
): Promise<HostedWebsites> {
  const suffix = `.${name}.test`;
  const accounts: Record<string, AccountSpec> = {};
  for (let index = 0; index < websites; index += 1) {
    const keyType = index === 0 ? 'rsa-2048' : 'ecdsa-prime256v1';
    accounts[`user${index}`] = { domain: `site${index}${suffix}`, keyType };
  }
  const hosted = await site.host(accounts, {
    settings: {
      challenges: { method },
      providers: { CustomACME: { caBundle: '/etc/ssl/ca-transport.pem' } },
      ...settings,
    },
    furnish: (builder) =>
      furnish(
        builder.autosslJson({
          provider: 'CustomACME',
          provider_properties: {
            CustomACME: {
              terms_of_service_accepted: PEBBLE_TERMS,
              directory_url: site.proxy.directoryUrl,
              ...(profile === undefined ? {} : { profile }),
            },
          },
        }),
      ),
  });
  for (const [vhost, names] of hosted.names) {
    const account = vhost.replace(/^site(\d+)\..*$/, 'user$1');
    for (const host of names) {
      site.web.websites.set(host, { vhost, documentRoot: `/home/${account}/public_html` });
    }
  }
  return { ...hosted, suffix };
}
