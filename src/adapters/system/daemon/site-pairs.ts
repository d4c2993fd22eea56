import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { isPrivateKeyLabel, publicKeyOfPrivateKey } from '../../../core/certificate/key/private-key.js';
import { isSameKey } from '../../../core/certificate/key/public-key.js';
import { readCertificate } from '../../../core/certificate/parse.js';
import { decodePem, splitPem } from '../../../core/certificate/pem/pem.js';
import { printable } from '../../../core/domain/name/names.js';
import type { ServerCheck } from '../../../core/plan/install/install-liveness.js';
import type { ServerSite, SitePair } from '../../../core/plan/served/server-site.js';
import { markOfFiles } from './file-marks.js';

const CERTIFICATE_LABEL = /^(?:X509 |TRUSTED )?CERTIFICATE$/;
/** OpenSSL's and node's codes for a key behind a passphrase, which the server may have been given. */
const BEHIND_PASSPHRASE =
  /^ERR_(?:OSSL_BAD_DECRYPT|OSSL_EVP_BAD_DECRYPT|MISSING_PASSPHRASE|OSSL_CRYPTO_INTERRUPTED.*)$/;

/** Tries the pairs of a server's sites as it does at a reload; what was found good and is unchanged is not tried again. */
export class SitePairCheck {
  /** What lay there when the two files were found good. */
  readonly #good = new Map<string, string>();
  readonly #markOf: typeof markOfFiles;

  /** `markOf`: a word for what lies there, null when there is none that could be relied on. */
  constructor(markOf: typeof markOfFiles = markOfFiles) {
    this.#markOf = markOf;
  }

  /**
   * Whether every certificate and key that the sites with TLS name can be loaded together. Files that we may not read
   * and keys behind a passphrase are not judged.
   */
  check(sites: readonly ServerSite[]): ServerCheck {
    const tried = new Set<string>();
    for (const { certificates, listens, file, line } of sites) {
      if (!listens.some(({ isTls }) => isTls)) continue;
      for (const { certificateFile, keyFile, isVariable } of certificates) {
        const key = `${certificateFile}\0${keyFile}`;
        if (isVariable || tried.has(key)) continue;
        tried.add(key);
        const mark = this.#markOf(new Set([certificateFile, keyFile]));
        if (mark !== null && this.#good.get(key) === mark) continue;
        const why = faultOfPair({ certificateFile, keyFile });
        if (why !== undefined) return { ok: false, why: printable(`${why} (${file}:${line})`) };
        if (mark !== null) this.#good.set(key, mark);
      }
    }
    return { ok: true };
  }
}

/** Why a certificate and its key cannot be loaded together, in one clause; undefined also for what cannot be judged. */
export function faultOfPair({
  certificateFile,
  keyFile,
}: Pick<SitePair, 'certificateFile' | 'keyFile'>): string | undefined {
  let certificate: string;
  let key: string;
  try {
    certificate = readFileSync(certificateFile, 'latin1');
    key = keyFile === certificateFile ? certificate : readFileSync(keyFile, 'latin1');
  } catch {
    // The server's own test says that a file is missing.
    return undefined;
  }
  const pair =
    certificateFile === keyFile
      ? `certificate and key in ${certificateFile}`
      : `the certificate ${certificateFile} and the key ${keyFile}`;
  if (isPlainlyOnePair(certificate, key)) return undefined;
  if (isPair(certificate, key) === false) return `${pair} do not belong together`;
  const code = refusalOfOpenSsl(certificate, key);
  return code === undefined || BEHIND_PASSPHRASE.test(code) ? undefined : `${pair} cannot be loaded: ${code}`;
}

/** The quick look, enough for nearly all: microseconds for each of thousands. */
function isPlainlyOnePair(certificatePem: string, keyPem: string): boolean {
  try {
    const certificate = splitPem(certificatePem).find(({ label }) => CERTIFICATE_LABEL.test(label));
    const key = splitPem(keyPem).find(({ label }) => isPrivateKeyLabel(label));
    if (certificate === undefined || key === undefined) return false;
    return isSameKey(publicKeyOfPrivateKey(key), readCertificate(decodePem(certificate)).key.spki);
  } catch {
    return false;
  }
}

/** OpenSSL's word on the two keys; undefined when it cannot read one. */
function isPair(certificatePem: string, keyPem: string): boolean | undefined {
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return undefined;
  }
}

/** What servers load their pairs with has the last word. */
function refusalOfOpenSsl(cert: string, key: string): string | undefined {
  try {
    createSecureContext({ cert, key, ca: [] });
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
