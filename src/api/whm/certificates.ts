import { isAccountName } from '../../core/domain/account/account-name.js';
import { hostNameIn, parseHostName, quoteForMessage } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import { namesServedBy } from '../../core/plan/offer/judge-website-offer.js';
import { withAdvice } from '../../core/report/text/wording.js';
import type { WebsiteOffer } from '../../runs/manage/certificates/judge-offers.js';
import { defaultNames } from '../../runs/manage/certificates/list-ssl-websites.js';
import { removeWebsiteCertificate } from '../../runs/manage/certificates/remove-website-certificate.js';
import type { WebsiteCertificatesCall } from '../../runs/manage/certificates/website-certificates-host.js';
import {
  installWebsiteCertificates,
  type WebsiteInstallation,
} from '../../runs/manage/install-website-certificate.js';
import type { Arguments } from '../arguments.js';
import type { ApiAnswer, ApiHandler } from '../function.js';
import { pastedFiles } from '../pasted-text.js';
import { ApiRefusal } from '../refusal.js';
import type { CertificatesHost, WhmHost } from './host.js';

/** Of the sites that have certificates. */
const HTTPS_PORT = '443';

/** `installssl`. */
export const installSsl: ApiHandler<WhmHost> = async (given, host) => {
  const domain = parseHostName(given.text('domain'));
  const files = pastedFiles(
    { name: 'crt', value: given.text('crt') },
    { name: 'key', value: given.text('key') },
    { name: 'cab', value: given.optional('cab') },
  );
  const call = { host: await host.openCertificates(), listen: () => undefined, signal: host.stopSignal() };
  return await installOne({ domain, account: null, files, address: given.optional('ip') || null }, call);
};

/** Installs what was handed over for one website, and tells what became of it. @throws ApiRefusal, AutosslError */
export async function installOne(offer: WebsiteOffer, call: WebsiteCertificatesCall): Promise<ApiAnswer> {
  const { installations, faults } = await installWebsiteCertificates([offer], call);
  const [installation] = installations;
  if (installation === undefined) throw new ApiRefusal('Nothing was installed.');
  const refusal = refusalOf(installation);
  if (refusal !== null) throw new ApiRefusal(refusal);
  const said = faults.map(({ message }) => message);
  return await installedAnswer(installation, said, call.host);
}

async function installedAnswer(
  installation: WebsiteInstallation,
  faults: readonly string[],
  { addressOf }: Pick<CertificatesHost, 'addressOf'>,
): Promise<ApiAnswer> {
  const { domain, website, names, end } = installation;
  if (website === null || names === null || end === null) throw new ApiRefusal('Nothing was installed.');
  const message = `The certificate was installed for the website ${website.vhost}${SAID[end.state]}.`;
  return {
    data: {
      action: 'install',
      domain,
      servername: website.vhost,
      user: website.account,
      ip: (await addressOf(website.account)).ip,
      aliases: namesServedBy(website).filter((name) => name !== website.vhost),
      working_domains: names.working,
      warning_domains: names.missing,
      extra_certificate_domains: names.extra,
      message,
      statusmsg: message,
      status: 1,
      html: htmlOf(message),
    },
    messages: [message],
    warnings: [...remarksOn(installation), ...faults],
  };
}

const SAID = {
  served: ', and it is served',
  published: '; nobody could be asked whether it is served',
  'not-served': ', but it is not served',
  unchanged: '',
} as const;

/** `enqueue_deferred_ssl_installations`: nothing is deferred, all are installed with one reload. */
export const installMany: ApiHandler<WhmHost> = async (given, host) => {
  const refusals: string[] = [];
  const offers = offersIn(given, (why) => refusals.push(why));
  const call = {
    host: await host.openCertificates(),
    listen: () => undefined,
    signal: host.stopSignal(),
  };
  const { installations, faults } = await installWebsiteCertificates(offers, call);
  const warnings: string[] = [];
  for (const installation of installations) {
    const why = refusalOf(installation);
    const said = (text: string): string => `${quoteForMessage(installation.domain)}: ${text}`;
    if (why !== null) refusals.push(said(why));
    else warnings.push(...remarksOn(installation).map(said));
  }
  const count = given.all('vhost_name').length;
  if (refusals.length === count) throw new ApiRefusal(refusals.join(' '));
  return {
    data: {},
    messages: [`${count - refusals.length} of ${count} certificates are in place.`],
    warnings: [
      ...refusals.map((why) => `Not installed: ${why}`),
      ...warnings,
      ...faults.map(({ message }) => message),
    ],
  };
};

/** The lists laid beside each other; what names no website is told. @throws ApiRefusal unless they are of one length */
function offersIn(given: Arguments, refuse: (why: string) => void): readonly WebsiteOffer[] {
  const lists = ['username', 'vhost_name', 'crt', 'key', 'cab'] as const;
  const counts = lists.map((name) => given.all(name).length);
  const [count = 0, ...others] = counts;
  const isWithoutBundles = others.at(-1) === 0;
  if ((isWithoutBundles ? others.slice(0, -1) : others).some((other) => other !== count)) {
    const words = lists.map((name, index) => `${name}: ${counts[index]}`);
    throw new ApiRefusal(`The lists must be of one length, and they are not (${words.join(', ')}).`);
  }
  return given.all('vhost_name').flatMap((vhost, index): WebsiteOffer[] => {
    const at = (name: string): { name: string; value: string } => ({
      name: index === 0 ? name : `${name}-${index}`,
      value: given.all(name)[index] ?? '',
    });
    const files = pastedFiles(at('crt'), at('key'), at('cab'));
    const domain = hostNameIn(vhost);
    const account = at('username').value;
    if (domain !== null && isAccountName(account)) return [{ domain, account, files, address: null }];
    refuse(`${quoteForMessage(domain === null ? vhost : account)} is not a name of a website or account.`);
    return [];
  });
}

/** `delete_ssl_vhost`. */
export const deleteSslVhost: ApiHandler<WhmHost> = async (given, host) => {
  const domain = parseHostName(given.text('host'));
  const store = await host.openCertificates();
  const call = { host: store, listen: () => undefined, signal: host.stopSignal() };
  const { website, ...said } = await deleteOne(domain, call);
  const { ip } = await store.addressOf(website.account);
  const primary = await defaultNames(store.webServers());
  return {
    ...said,
    data: {
      output: said.messages ?? [],
      removed_vhost_data: [
        {
          ip_port: ip === null ? [] : [ip, HTTPS_PORT],
          is_ssl: 1,
          primary_on_ip_port: primary.has(website.vhost) ? website.vhost : null,
          servername: website.vhost,
          // The configuration is not ours, and stays.
          vhost_entry: '',
        },
      ],
    },
  };
};

/** Takes the certificate of one website away, and tells what became of it. @throws ApiRefusal, AutosslError */
export async function deleteOne(
  domain: WebsiteOffer['domain'],
  call: WebsiteCertificatesCall,
): Promise<Pick<ApiAnswer, 'messages' | 'warnings'> & { readonly website: Website }> {
  const { website, end, copiesLeft } = await removeWebsiteCertificate(domain, call);
  if (end.state === 'unchanged') {
    throw new ApiRefusal(
      `The certificate of ${website.vhost} was not removed: ${withAdvice(end.message, end.advice)}`,
    );
  }
  return {
    website,
    messages: [
      `The certificate of ${website.vhost} is archived; a self-signed placeholder lies in its place, because web servers do not start without the file.`,
      'AutoSSL, where it is on for the account, gets a new one at its next run, unless the names of the website are excluded.',
    ],
    warnings: [
      ...(copiesLeft === null ? [] : [`The copies that mail and FTP have of it were left: ${copiesLeft}.`]),
      ...(end.state === 'not-served' ? [withAdvice(end.message, end.advice)] : []),
    ],
  };
}

/** Why nothing was changed, in sentences; null: it was. */
function refusalOf({ refusals, end }: WebsiteInstallation): string | null {
  if (refusals.length > 0)
    return refusals.map(({ message, advice }) => withAdvice(message, advice)).join(' ');
  return end?.state === 'unchanged' ? withAdvice(end.message, end.advice) : null;
}

/** What speaks against what is in place, in sentences. */
function remarksOn({ warnings, end }: WebsiteInstallation): readonly string[] {
  const remarks = warnings.map(({ message, advice }) => withAdvice(message, advice));
  return end?.state === 'not-served' ? [...remarks, withAdvice(end.message, end.advice)] : remarks;
}

function htmlOf(text: string): string {
  return `<p>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</p>`;
}
