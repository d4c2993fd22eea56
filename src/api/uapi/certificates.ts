import type { CertificateFacts } from '../../core/certificate/facts.js';
import { takeCombinedApart } from '../../core/certificate/pem/combined.js';
import { encodePem } from '../../core/certificate/pem/pem.js';
import type { Website } from '../../core/domain/website/website.js';
import { findBundle, findKeyAndBundle, listInstalled, listKept } from '../../runs/manage/own-certificates.js';
import type { Arguments } from '../arguments.js';
import { certificateRow } from '../certificate-rows.js';
import type { ApiHandler } from '../function.js';
import { ApiRefusal } from '../refusal.js';
import type { UapiHost } from './host.js';

/** `installed_hosts`. */
export const installedHosts: ApiHandler<UapiHost> = async (_, host) => {
  const installed = await listInstalled(host.account, await host.openCertificates());
  const rows = installed.map(({ website, certificate }) => ({
    servername: website.vhost,
    user: website.account,
    docroot: website.documentRoot,
    domains: namesOf(website),
    fqdns: namesOf(website),
    certificate: certificateRow(certificate.leaf),
  }));
  return { data: { rows }, rows: 'rows' };
};

/** `list_certs`. */
export const listCerts: ApiHandler<UapiHost> = async (_, host) => {
  const kept = await listKept(host.account, await host.openCertificates());
  const rows = kept.map(({ website, leaf, isInstalled }) => ({
    ...certificateRow(leaf),
    friendly_name: leaf.dnsNames[0] ?? leaf.subject,
    is_installed: isInstalled ? 1 : 0,
    servername: website.vhost,
  }));
  return { data: { rows }, rows: 'rows' };
};

/** `get_cabundle`. */
export const getCabundle: ApiHandler<UapiHost> = async (given, host) => {
  const leaf = certificateIn(given, 'cert');
  const cab = await findBundle(leaf, host.account, await host.openCertificates());
  return { data: { cab, domain: leaf.dnsNames[0] ?? '' } };
};

/** `fetch_key_and_cabundle_for_certificate`. */
export const fetchKeyAndCabundle: ApiHandler<UapiHost> = async (given, host) => {
  const leaf = certificateIn(given, 'certificate');
  const found = await findKeyAndBundle(leaf, host.account, await host.openCertificates());
  return {
    data: {
      cab: found.bundlePem,
      crt: encodePem('CERTIFICATE', leaf.der),
      domain: leaf.dnsNames[0] ?? '',
      key: found.keyPem,
    },
  };
};

function certificateIn(given: Arguments, parameter: 'cert' | 'certificate'): CertificateFacts {
  const evidence = takeCombinedApart(given.text(parameter), 'certificate');
  if (evidence.kind === 'present') return evidence.leaf;
  const why = evidence.kind === 'unreadable' ? evidence.why : 'it is empty';
  throw new ApiRefusal(`The parameter “${parameter}” holds no certificate: ${why}.`);
}

/** Its own name, then the others in the order of the alphabet: excluded ones too, which not everybody can tell. */
function namesOf({ vhost, candidates, excluded }: Website): readonly string[] {
  return [...new Set([vhost, ...[...candidates.map(({ name }) => name), ...excluded].sort()])];
}
