import { hasSameNames } from '../reorder.js';

/** What is looked at of a certificate that we got. */
export interface CertifiedBefore {
  readonly provider: string;
  /** Empty of one that was adopted: it came from wherever the provider's certificates come from. */
  readonly directoryUrl: string;
  readonly names: readonly string[];
}

/** Whose limits an order is for. */
export interface AskedDirectory {
  readonly name: string;
  /** What the provider is known by. */
  readonly knownDirectoryUrl: string | null;
  /** Where orders go now. */
  readonly directoryUrl: string;
}

/**
 * Whether exactly these names were certified before by whom they are asked of now: another directory of the same provider
 * (its staging environment above all) counts for itself.
 */
export function wasCertifiedAt(
  asked: AskedDirectory,
  names: readonly string[],
  issued: readonly CertifiedBefore[],
): boolean {
  return issued.some((one) => {
    const from = one.directoryUrl === '' ? asked.knownDirectoryUrl : one.directoryUrl;
    return one.provider === asked.name && from === asked.directoryUrl && hasSameNames(one.names, names);
  });
}
