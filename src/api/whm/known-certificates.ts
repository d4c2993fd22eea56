import { detailsOf } from '../../core/certificate/certificate-details.js';
import { certificateIdOf, keyIdOf } from '../../core/certificate/certificate-id.js';
import { encodePem } from '../../core/certificate/pem/pem.js';
import type { SubjectAttribute } from '../../core/certificate/subject.js';
import { parseAccountName } from '../../core/domain/account/account-name.js';
import { parseHostName } from '../../core/domain/name/names.js';
import { type Generated, generateCertificate } from '../../runs/manage/certificates/generate-certificate.js';
import {
  completeCertificate,
  findInstallable,
  type KnownCertificate,
  listKnownCertificates,
} from '../../runs/manage/certificates/known-certificates.js';
import type { Arguments } from '../arguments.js';
import { secondsOf } from '../certificate-rows.js';
import type { ApiHandler } from '../function.js';
import { bytesOf } from '../pasted-text.js';
import { ApiRefusal } from '../refusal.js';
import type { WhmHost } from './host.js';

/** Whose store is asked for where no account is named. */
const ROOT = 'root';

/** `listcrts`. */
export const listCertificates: ApiHandler<WhmHost> = async (given, host) => {
  const user = given.optional('user') ?? ROOT;
  const account = user === ROOT || user === '' ? null : parseAccountName(user);
  const registered = given.flag('registered');
  const known = await listKnownCertificates(account, await host.openCertificates());
  const chosen =
    registered === undefined ? known : known.filter(({ isRegistered }) => isRegistered === registered);
  return { data: { crt: chosen.map(knownRow) }, rows: 'crt' };
};

function knownRow({ leaf, website, isRegistered }: KnownCertificate) {
  const details = detailsOf(leaf);
  const names = new Set<string>(website?.candidates.map(({ name }) => name) ?? []);
  return {
    domain: details.domains[0] ?? details.subjectCommonName ?? '',
    domains: details.domains,
    domain_owners: details.domains.map((name) => (names.has(name) ? (website?.account ?? null) : null)),
    friendly_name: details.domains[0] ?? details.subjectText,
    id: certificateIdOf(leaf),
    is_self_signed: details.isSelfSigned ? 1 : 0,
    'issuer.organizationName': details.issuerOrganization,
    key_algorithm: details.keyAlgorithm,
    modulus_length: details.modulusLength,
    ecdsa_curve_name: details.ecdsaCurveName,
    not_after: secondsOf(details.notAfter),
    registered: isRegistered ? 1 : 0,
    signature_algorithm: details.signatureAlgorithm,
    validation_type: details.validationType,
  };
}

/** `fetchsslinfo`: what one could install. */
export const fetchSslInfo: ApiHandler<WhmHost> = async (given, host) => {
  const store = await host.openCertificates();
  const text = given.optional('crtdata') ?? '';
  const name = given.optional('domain') ?? '';
  const userGiven = given.optional('user') ?? '';
  const user = userGiven === '' || userGiven === ROOT ? null : parseAccountName(userGiven);
  if (text.trim() === '' && name === '') throw new ApiRefusal('One of “domain” and “crtdata” is required.');
  const domain = name === '' ? null : parseHostName(name);
  const found =
    text.trim() === '' && domain !== null
      ? await findInstallable(domain, user, store)
      : await completeCertificate(Buffer.from(bytesOf('crtdata', text)).toString('latin1'), store);
  const { leaf, keyPem, bundlePem, website } = found;
  const address = website === null ? null : await store.addressOf(website.account);
  return {
    data: {
      domain: domain ?? leaf.dnsNames[0] ?? '',
      user: website?.account ?? ROOT,
      ip: address?.ip ?? null,
      crt: encodePem('CERTIFICATE', leaf.der),
      crt_id: certificateIdOf(leaf),
      key: keyPem ?? '',
      key_id: keyPem === null ? null : keyIdOf(leaf.key),
      cab: bundlePem,
      status: 1,
      statusmsg: keyPem === null ? 'No private key of this certificate is known here.' : 'ok',
    },
  };
};

/** Subject attributes by the parameters that give them, in the order of a subject. */
const SUBJECT: readonly (readonly [parameter: string, type: SubjectAttribute['type']])[] = [
  ['countryName', 'C'],
  ['stateOrProvinceName', 'ST'],
  ['localityName', 'L'],
  ['organizationName', 'O'],
  ['organizationalUnitName', 'OU'],
  ['emailAddress', 'E'],
];

/** `generatessl`. */
export const generateSsl: ApiHandler<WhmHost> = async (given, host) => {
  const domains = given
    .text('domains')
    .split(',')
    .map((domain) => domain.trim());
  const made = await generateCertificate(
    {
      domains: domains.filter((domain) => domain !== ''),
      subject: subjectIn(given),
      keySize: given.integer('keysize') ?? null,
      challengePassword: given.optional('pass') || null,
      withCertificate: given.flag('skip_certificate') !== true,
    },
    await host.openCertificates(),
  );
  return {
    data: {
      ...members('key', made.key),
      ...members('csr', made.csr),
      ...members('cert', made.certificate),
      sender: ROOT,
      sender_host: (await host.openServer()).hostname,
    },
  };
};

function subjectIn(given: Arguments): readonly SubjectAttribute[] {
  return SUBJECT.flatMap(([parameter, type]) => {
    const value = given.optional(parameter) ?? '';
    return value === '' ? [] : [{ type, value }];
  });
}

function members(name: 'key' | 'csr' | 'cert', made: Generated | null) {
  return { [name]: made?.pem ?? '', [`${name}_id`]: made?.id ?? '', [`${name}file`]: made?.path ?? '' };
}
