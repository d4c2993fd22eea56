import { TrustAnchors } from '../../core/certificate/chain/trust-anchors.js';
import { ConfigurationError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { readTextFile } from './files/files.js';

/** Where systems keep the roots they trust: Debian, Red Hat, SUSE, Alpine and the BSDs. */
const SYSTEM_STORES: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

export interface TrustSources {
  /** The store that the settings name, as a real path; undefined = the system's own. */
  readonly storePath?: string | undefined;
  /** PEM bundles that count beside it: a provider's roots, the local CA's root. */
  readonly extraFiles?: readonly string[];
}

/**
 * The roots by which chains are judged (design 5.5). Reads the files; parses nothing yet. An extra file that does not
 * exist is passed over (the local CA may not have been made yet).
 * @throws ConfigurationError BAD_SETTING when no store can be read: judging by nothing would call every chain untrusted
 */
export async function readTrustAnchors(sources: TrustSources = {}): Promise<TrustAnchors> {
  const { storePath, extraFiles = [] } = sources;
  const store = await firstReadable(storePath === undefined ? SYSTEM_STORES : [storePath]);
  const extras = await Promise.all(extraFiles.map((path) => readStore(path)));
  return new TrustAnchors([store, ...extras.filter((text) => text !== undefined)]);
}

async function firstReadable(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    const text = await readStore(path);
    if (text?.includes('-----BEGIN ')) return text;
  }
  const [only] = paths;
  throw new ConfigurationError(
    'BAD_SETTING',
    paths.length === 1 && only !== undefined
      ? `the store of trusted roots ${quoteForMessage(only)} does not exist or holds no certificate`
      : 'this system has no store of trusted roots at any of the usual places',
    { advice: 'Install the package ca-certificates, or name a PEM bundle of roots in /etc/autossl.yaml.' },
  );
}

async function readStore(path: string): Promise<string | undefined> {
  try {
    return await readTextFile(path);
  } catch (error) {
    throw new ConfigurationError(
      'BAD_SETTING',
      `the trusted roots in ${quoteForMessage(path)} cannot be read`,
      {
        cause: error,
      },
    );
  }
}
