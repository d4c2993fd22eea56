import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { FormerSets } from '../ports/certificates.js';

/** What placing placeholders needs. */
export interface PlaceholderHost {
  readonly certificates: FormerSets;
  /** A new key and a certificate signed with it, PEM; null: the setting `placeholders` is off. */
  readonly makePlaceholder:
    | ((names: readonly string[]) => Promise<{ readonly keyPem: string; readonly chainPem: string }>)
    | null;
}

/**
 * Gives a website that has no pair at all a self-signed one: a web server that names a missing file does not start
 * (design 5.11). Never over anything that lies there. Whether it did. @throws InstallError
 */
export async function placePlaceholder(
  { account, vhost }: WebsiteRef,
  names: readonly string[],
  host: PlaceholderHost,
): Promise<boolean> {
  if (host.makePlaceholder === null) return false;
  const pair = await host.makePlaceholder(names.length === 0 ? [vhost] : names);
  return await host.certificates.placeIfAbsent({ website: { account, vhost }, ...pair });
}
