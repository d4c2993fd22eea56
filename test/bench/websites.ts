import { type AccountSpec, automaticSubdomain } from '../support/tree-builder.js';

/** One website of the benchmark: what its certificate is for. */
export interface BenchWebsite {
  readonly account: string;
  readonly vhost: string;
  readonly names: readonly string[];
}

/** A usual account: a main domain, three addon domains, six subdomains. */
const ADDONS = 3;
const SUBDOMAINS = 6;
export const WEBSITES_PER_ACCOUNT = 1 + ADDONS + SUBDOMAINS;

/** Account names and specs for so many websites; the last account has what is left over. */
export function benchAccounts(websites: number): readonly (readonly [name: string, spec: AccountSpec])[] {
  return Array.from({ length: Math.ceil(websites / WEBSITES_PER_ACCOUNT) }, (_, index) => {
    const number = String(index + 1).padStart(5, '0');
    const domain = `site${number}.example`;
    const left = websites - index * WEBSITES_PER_ACCOUNT - 1;
    const addons = Math.min(ADDONS, left);
    return [
      `user${number}`,
      {
        domain,
        addons: Array.from({ length: addons }, (_, i) => `addon${i + 1}-${number}.example`),
        subs: Array.from({ length: Math.min(SUBDOMAINS, left - addons) }, (_, i) => `part${i + 1}.${domain}`),
      },
    ] as const;
  });
}

/** The account's websites, each with every name that it can want (service names are off in the tree). */
export function websitesOf(account: string, spec: AccountSpec): readonly BenchWebsite[] {
  const all = (name: string): string[] => [name, `www.${name}`, `mail.${name}`];
  return [
    { account, vhost: spec.domain, names: all(spec.domain) },
    ...(spec.addons ?? []).map((addon) => {
      const vhost = automaticSubdomain(addon, spec.domain);
      return { account, vhost, names: [...all(vhost), ...all(addon)] };
    }),
    ...(spec.subs ?? []).map((sub) => ({ account, vhost: sub, names: all(sub) })),
  ];
}
