import type { OfferedFiles } from '../../../core/certificate/offered/offer.js';
import type { AccountName } from '../../../core/domain/account/account-name.js';
import {
  type DomainName,
  printable,
  quoteForMessage,
  type WildcardName,
} from '../../../core/domain/name/names.js';
import type { Website } from '../../../core/domain/website/website.js';
import { findWebsites } from './find-websites.js';
import { type PreparedWebsiteOffer, prepareWebsiteOffer } from './prepare-website-offer.js';
import type { WebsiteCertificatesHost } from './website-certificates-host.js';

/** A certificate that is handed over for a website. */
export interface WebsiteOffer {
  /** The website's own name, or any other of its names. */
  readonly domain: DomainName | WildcardName;
  /** Whose website it must be; null: anybody's. */
  readonly account: AccountName | null;
  readonly files: OfferedFiles;
  /** The address at which it must be; null: whichever it is. */
  readonly address: string | null;
}

export interface JudgedOffer {
  readonly domain: string;
  readonly website: Website | null;
  readonly prepared: PreparedWebsiteOffer;
}

/** Finds the website of each offer and judges what is offered. Changes nothing. @throws StateError TREE_UNREADABLE */
export async function judgeOffers(
  offers: readonly WebsiteOffer[],
  host: WebsiteCertificatesHost,
): Promise<readonly JudgedOffer[]> {
  const domains = offers.map(({ domain }) => domain);
  const { byName, limits } = await findWebsites(domains, host.accounts);
  const taken = new Set<string>();
  const judged: JudgedOffer[] = [];
  for (const offer of offers) {
    const { domain, files } = offer;
    const website = byName.get(domain) ?? null;
    if (website === null) {
      const message = `No account has a website ${quoteForMessage(domain)}${limits}.`;
      judged.push({ domain, website, prepared: refusal('NO_SUCH_WEBSITE', message) });
      continue;
    }
    const misfit = taken.has(website.vhost) ? TWICE : await misfitOf(website, offer, host);
    const prepared = misfit ?? (await prepareWebsiteOffer(files, website, host));
    if (prepared.pair !== null) taken.add(website.vhost);
    judged.push({ domain, website, prepared });
  }
  return judged;
}

/** Why it is not the website that was meant; null: it is. */
async function misfitOf(
  website: Website,
  { account, address }: WebsiteOffer,
  host: WebsiteCertificatesHost,
): Promise<PreparedWebsiteOffer | null> {
  const named = quoteForMessage(website.vhost);
  if (account !== null && website.account !== account) {
    const message = `The website ${named} is not one of the account ${quoteForMessage(account)}.`;
    return refusal('OTHER_ACCOUNT', message);
  }
  const { ip } = address === null ? { ip: null } : await host.addressOf(website.account);
  if (address === null || address === ip) return null;
  const where = ip === null ? 'whose address is not known' : `whose address is ${printable(ip)}`;
  return refusal(
    'OTHER_ADDRESS',
    `${quoteForMessage(address)} is not the address of the website ${named}, ${where}.`,
    'Leave the address out, or give that one: it is compared, and changes nothing.',
  );
}

const TWICE = refusal('GIVEN_TWICE', 'It was given a certificate before in the same call.');

function refusal(code: string, message: string, advice: string | null = null): PreparedWebsiteOffer {
  return { leaf: null, names: null, pair: null, refusals: [{ code, message, advice }], warnings: [] };
}
