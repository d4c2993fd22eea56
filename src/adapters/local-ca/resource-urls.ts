/** What the local CA's URLs name; `local-ca:` is a scheme of its own, nothing on the network. */
export type LocalResource = 'order' | 'authorization' | 'challenge' | 'finalize' | 'certificate';

export interface LocalUrl {
  readonly orderId: string;
  /** Which authorization of the order; 0 where it does not matter. */
  readonly index: number;
}

const URL_SHAPE =
  /^local-ca:(order|authorization|challenge|finalize|certificate)\/(\d{13}-[0-9a-f]{16})(?:\/(\d{1,3}))?$/;

/** The URL of an order's resource; `index` for authorizations and challenges. */
export function localUrl(resource: LocalResource, orderId: string, index?: number): string {
  return `local-ca:${resource}/${orderId}${index === undefined ? '' : `/${index}`}`;
}

/** Undefined for a URL of another kind, or of another CA. */
export function parseLocalUrl(url: string, resource: LocalResource): LocalUrl | undefined {
  const match = URL_SHAPE.exec(url);
  if (match === null || match[1] !== resource) return undefined;
  return { orderId: match[2] ?? '', index: Number(match[3] ?? 0) };
}
