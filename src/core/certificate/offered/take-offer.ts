import { printable } from '../../domain/name/names.js';
import type { CertificateFacts } from '../facts.js';
import { keyMatchesCertificate } from '../key/private-key.js';
import { isSameKey } from '../key/public-key.js';
import { contentsOfFile, type FileContents, type MistakenFor, type OfferedKey } from './file-contents.js';
import {
  type OfferedFiles,
  type OfferFinding,
  type RefusedOffer,
  refusedOffer,
  type TakenOffer,
} from './offer.js';

const SWAPPED = 'Give the certificate where the certificate is asked for, and the key where the key is.';

/**
 * Takes certificate, key and issuers out of what was given, in whatever order and form: the leaf is the certificate that the
 * key belongs to. Or says, in one sentence, why that cannot be done. Never throws; names nothing of what a key holds.
 */
export function takeOffer(files: OfferedFiles): TakenOffer | RefusedOffer {
  const certificate = contentsOfFile(files.certificate);
  const key = files.key === null ? null : contentsOfFile(files.key);
  const bundle = files.bundle === null ? null : contentsOfFile(files.bundle);
  const refusal =
    refusalOfCertificate(certificate, key) ?? refusalOfKey(certificate, key) ?? refusalOfBundle(bundle);
  if (refusal !== null) return refusal;
  const keys = key === null || key.keys.length === 0 ? certificate.keys : key.keys;
  const issuers = bundle?.certificates ?? [];
  const pair = pairOf(certificate.certificates, keys);
  if (pair === undefined) {
    return pairOf(issuers, keys) === undefined
      ? refusedOffer(
          'KEY_MISMATCH',
          'The private key does not belong to the certificate.',
          'Give the key with which this very certificate was requested.',
        )
      : refusedOffer(
          'KEY_MISMATCH',
          'The private key belongs to a certificate of the bundle, not to the certificate.',
          'Are certificate and bundle swapped?',
        );
  }
  const { leaf, keyPem } = pair;
  if (keyPem !== null && !keyMatchesCertificate(keyPem, leaf.der)) {
    return refusedOffer(
      'KEY_MISMATCH',
      'The private key is damaged: what it signs cannot be verified with the certificate.',
      'Give a sound copy of the key.',
    );
  }
  return {
    leaf,
    keyPem,
    given: others(leaf, [...certificate.certificates, ...issuers]),
    warnings: damages(certificate, bundle),
  };
}

/** Without a key the leaf is the first that is no authority's; an authority's may stand before it. */
function pairOf(
  certificates: readonly CertificateFacts[],
  keys: readonly OfferedKey[],
): { readonly leaf: CertificateFacts; readonly keyPem: string | null } | undefined {
  if (keys.length === 0) {
    const leaf = certificates.find(({ isCa }) => !isCa) ?? certificates[0];
    return leaf && { leaf, keyPem: null };
  }
  for (const leaf of certificates) {
    const key = keys.find(({ spki }) => isSameKey(spki, leaf.key.spki));
    if (key !== undefined) return { leaf, keyPem: key.keyPem };
  }
  return undefined;
}

function others(leaf: CertificateFacts, all: readonly CertificateFacts[]): readonly CertificateFacts[] {
  const byFingerprint = new Map(all.map((one) => [one.fingerprint, one]));
  byFingerprint.delete(leaf.fingerprint);
  return [...byFingerprint.values()];
}

const NO_CERTIFICATE: Readonly<Record<MistakenFor, readonly [what: string, advice: string]>> = {
  nothing: ['it is empty', 'Give the certificate, as its authority sent it.'],
  request: [
    'it holds a signing request, not a certificate',
    'Give the certificate that the authority made of the request.',
  ],
  'public-key': ['it holds a public key, not a certificate', 'Give the certificate.'],
  pkcs7: [
    'it holds a PKCS #7 bundle, which servers cannot read',
    'Convert it: openssl pkcs7 -print_certs (for DER with -inform DER).',
  ],
  pkcs12: [
    'it holds a PKCS #12 file or a damaged key, which servers cannot read',
    'Convert it: openssl pkcs12 -nodes.',
  ],
  garbage: ['there is no certificate in it', 'Give it in PEM (-----BEGIN CERTIFICATE-----) or DER.'],
};

function refusalOfCertificate(certificate: FileContents, key: FileContents | null): RefusedOffer | null {
  const { certificates, damaged, keys, keyFaults, mistakenFor } = certificate;
  const [damage] = damaged;
  if (certificates.length > 0) return null;
  if (damage !== undefined) {
    return refusedOffer(
      'CERTIFICATE_UNREADABLE',
      `The certificate is damaged: ${printable(damage)}.`,
      'Give a whole copy of it.',
    );
  }
  const hasKey = keys.length + keyFaults.length > 0;
  if (hasKey && key !== null && key.certificates.length > 0)
    return refusedOffer('CERTIFICATE_AND_KEY_SWAPPED', 'Certificate and key are swapped.', SWAPPED);
  if (hasKey)
    return refusedOffer(
      'CERTIFICATE_UNREADABLE',
      'Where the certificate should be there is only a key.',
      SWAPPED,
    );
  const [what, advice] = NO_CERTIFICATE[mistakenFor];
  const code = mistakenFor === 'nothing' ? 'CERTIFICATE_EMPTY' : 'CERTIFICATE_UNREADABLE';
  return refusedOffer(code, `The certificate cannot be used: ${what}.`, advice);
}

function refusalOfKey(certificate: FileContents, key: FileContents | null): RefusedOffer | null {
  const from = key ?? certificate;
  if (from.keys.length > 0) return null;
  const fault = from.keyFaults.find(({ isEncrypted }) => isEncrypted) ?? from.keyFaults[0];
  if (fault?.isEncrypted === true) {
    return refusedOffer(
      'KEY_ENCRYPTED',
      'The private key is encrypted with a passphrase, which no daemon can ask for.',
      'Take the passphrase away: openssl pkey -in KEY -out NEWKEY.',
    );
  }
  if (fault !== undefined) {
    return refusedOffer(
      'KEY_UNREADABLE',
      `The private key cannot be used: ${printable(fault.why)}.`,
      'Give it in PEM, as openssl pkey writes it.',
    );
  }
  if (key === null || (key.certificates.length > 0 && certificate.keys.length > 0)) return null;
  const advice = 'Give the private key that belongs to the certificate.';
  if (key.certificates.length > 0)
    return refusedOffer('KEY_MISSING', 'Where the private key should be there is a certificate.', advice);
  const what = WHAT_IS_THERE[key.mistakenFor];
  return refusedOffer('KEY_MISSING', `There is no private key where it should be: ${what}.`, advice);
}

const WHAT_IS_THERE: Readonly<Record<MistakenFor, string>> = {
  nothing: 'it is empty',
  request: 'it holds a signing request',
  'public-key': 'it holds only a public key',
  pkcs7: 'it holds a PKCS #7 bundle',
  pkcs12: 'it holds a PKCS #12 file or a damaged key',
  garbage: 'it holds something else',
};

function refusalOfBundle(bundle: FileContents | null): RefusedOffer | null {
  if (bundle === null || bundle.certificates.length > 0) return null;
  const [what, advice] = NO_CERTIFICATE[bundle.mistakenFor];
  const [damage] = bundle.damaged;
  const why = damage === undefined ? what : `its certificate is damaged: ${printable(damage)}`;
  const isKey = bundle.keys.length + bundle.keyFaults.length > 0;
  return refusedOffer(
    'BUNDLE_UNREADABLE',
    `The bundle cannot be used: ${isKey ? 'there is only a key in it' : why}.`,
    bundle.mistakenFor === 'pkcs7' ? advice : 'Give the certificates of the issuers, or no bundle.',
  );
}

/** What is damaged beside what can be used. */
function damages(certificate: FileContents, bundle: FileContents | null): readonly OfferFinding[] {
  return [...certificate.damaged, ...(bundle?.damaged ?? [])].map((why) => ({
    code: 'DAMAGED_CERTIFICATE_LEFT_OUT',
    message: `One of the other certificates is damaged and left out: ${printable(why)}.`,
    advice: null,
  }));
}
