import { issuersOnDisk } from '../../../adapters/offer/issuers-on-disk.js';
import { readOfferedFile } from '../../../adapters/offer/offered-file.js';
import { readActiveProvider } from '../../../adapters/store/choices/provider-choice.js';
import type { OfferedFiles, OfferFinding } from '../../../core/certificate/offered/offer.js';
import { isPublicAuthority } from '../../../core/provider/registry.js';
import type { ManageHost } from '../../../runs/services/manage/manage-host.js';
import { openBase } from '../base.js';
import { openAnchors } from '../check/evaluation.js';
import { openCertificates } from '../websites/certificates.js';
import { openServicesHost } from './services-check.js';

/**
 * The world of whoever looks at, or changes, the certificates of the server's own services by hand. Opening it touches nothing.
 * @throws ConfigurationError as `openBase`; BAD_SETTING without trust anchors
 */
export async function openManageHost(environment: NodeJS.ProcessEnv, uid: number): Promise<ManageHost> {
  const base = await openBase(environment, uid);
  const active = readActiveProvider(base.tree);
  return {
    ...(await openServicesHost(base, null)),
    isPublicAuthority: active.state === 'chosen' && isPublicAuthority(active.name),
    anchors: () => openAnchors(base),
    issuersOnDisk: () => issuersOnDisk(base.tree),
    websites: openCertificates(base),
  };
}

/** Paths of what is handed over; `-` is standard input. */
export interface OfferedPaths {
  readonly certificate: string;
  readonly key: string | null;
  readonly bundle: string | null;
}

/** Their contents, and what is to be said of the files themselves. @throws UsageError BAD_ARGUMENT */
export async function readOffered({
  certificate,
  key,
  bundle,
}: OfferedPaths): Promise<{ readonly files: OfferedFiles; readonly warnings: readonly OfferFinding[] }> {
  const read = async (path: string | null, isSecret: boolean) =>
    path === null ? null : await readOfferedFile(path, isSecret);
  // A certificate's file may hold the key too: then it is the secret.
  const first = await readOfferedFile(certificate, key === null);
  const [second, third] = [await read(key, true), await read(bundle, false)];
  return {
    files: { certificate: first.bytes, key: second?.bytes ?? null, bundle: third?.bytes ?? null },
    warnings: [...(hasKey(first.bytes) ? first.warnings : []), ...(second?.warnings ?? [])],
  };
}

function hasKey(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).includes('PRIVATE KEY-----');
}
