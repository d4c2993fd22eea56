const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What a CA may have said by mistake of an order: a replica that lags, a page in between, a wrong file. */
export type DoubtMatter =
  /** It knows no such order. */
  | 'ORDER_GONE'
  /** The certificate that it delivered is not fit to be put in place. */
  | 'CERTIFICATE_UNFIT';

/** Something that ends an order when it is still so later, and that is read again until then. */
export interface OrderDoubt {
  readonly about: DoubtMatter;
  /** When it was first read; ISO 8601 UTC. */
  readonly since: string;
  /** Times it was read, the first included. */
  readonly reads: number;
  /** One printable clause. */
  readonly words: string;
}

/** How often something is read again after the first time, and over how long, in ms, before it is believed. */
const BELIEVED: Readonly<Record<DoubtMatter, { readonly rereads: number; readonly spanMs: number }>> = {
  ORDER_GONE: { rereads: 3, spanMs: HOUR_MS },
  // A certificate was issued and would be lost: the longer patience is for a CA's people, who find and mend such things.
  CERTIFICATE_UNFIT: { rereads: 4, spanMs: 6 * HOUR_MS },
};
/** Between two reads, in ms: as long as the doubt is old, within these. */
const SHORTEST_WAIT_MS = 5 * MINUTE_MS;
const LONGEST_WAIT_MS = 2 * HOUR_MS;

/** The doubt after it was read once more; one about something else begins anew. */
export function doubtAgain(
  before: OrderDoubt | null | undefined,
  read: Pick<OrderDoubt, 'about' | 'words'>,
  now: Date,
): OrderDoubt {
  if (before?.about !== read.about) return { ...read, since: now.toISOString(), reads: 1 };
  // A clock that was ahead would else keep it for as long.
  const sinceMs = Math.min(Date.parse(before.since), now.getTime());
  return { ...read, since: new Date(sinceMs).toISOString(), reads: before.reads + 1 };
}

/** Whether it was read often enough, over long enough, to be believed. */
export function isBelieved({ about, since, reads }: OrderDoubt, now: Date): boolean {
  const { rereads, spanMs } = BELIEVED[about];
  return reads > rereads && now.getTime() - Date.parse(since) >= spanMs;
}

/** When it is read again. */
export function rereadAt({ since }: OrderDoubt, now: Date): Date {
  const ageMs = now.getTime() - Date.parse(since);
  return new Date(now.getTime() + Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, ageMs)));
}
