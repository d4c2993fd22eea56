import { certificateIdOf, keyIdOf } from '../../core/certificate/certificate-id.js';
import { encodePem } from '../../core/certificate/pem/pem.js';
import { namesServedBy } from '../../core/plan/offer/judge-website-offer.js';
import {
  bundleOf,
  defaultNames,
  sslWebsites,
  standingOf,
} from '../../runs/manage/certificates/list-ssl-websites.js';
import { bundleIdOf, certificateRow } from '../certificate-rows.js';
import type { ApiHandler } from '../function.js';
import type { WhmHost } from './host.js';

/** `fetch_ssl_vhosts`. */
export const fetchSslVhosts: ApiHandler<WhmHost> = async (_, host) => {
  const certificates = await host.openCertificates();
  const warnings: string[] = [];
  const primary = await defaultNames(certificates.webServers());
  const vhosts: object[] = [];
  for await (const { website, leaf } of sslWebsites(certificates, (why) => warnings.push(why))) {
    const { ip, isDedicated } = await certificates.addressOf(website.account);
    const isPrimary = primary.has(website.vhost);
    vhosts.push({
      servername: website.vhost,
      user: website.account,
      type: standingOf(website),
      domains: namesServedBy(website),
      docroot: website.documentRoot,
      ip,
      ipv6: null,
      iptype: isDedicated ? 'dedicated' : 'shared',
      is_primary_on_ip: isPrimary ? 1 : 0,
      needs_sni: isPrimary ? 0 : 1,
      mail_sni_status: 1,
      crt: certificateRow(leaf),
    });
  }
  return { data: { vhosts }, rows: 'vhosts', warnings };
};

/** `fetch_vhost_ssl_components`: with the private keys, as documented. */
export const fetchVhostComponents: ApiHandler<WhmHost> = async (_, host) => {
  const store = await host.openCertificates();
  const warnings: string[] = [];
  const components: object[] = [];
  for await (const { website, leaf, chain } of sslWebsites(store, (why) => warnings.push(why))) {
    const key = (await store.certificates.readKey(website)) ?? null;
    components.push({
      servername: website.vhost,
      certificate: encodePem('CERTIFICATE', leaf.der),
      certificate_id: certificateIdOf(leaf),
      key,
      key_id: key === null ? null : keyIdOf(leaf.key),
      cabundle: bundleOf(chain),
      cabundle_id: bundleIdOf(chain),
    });
  }
  return { data: { components }, rows: 'components', warnings };
};
