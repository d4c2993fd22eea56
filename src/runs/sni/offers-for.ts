import { type DovecotRoom, fitOffers, type RoomFit } from '../../core/sni/dovecot-room.js';
import type { NameOffer, NameWithPair } from '../../core/sni/offer.js';
import type { SniDaemon } from './sni-host.js';

/** What one daemon is to be offered. */
export interface DaemonOffers {
  /** Null: nothing. */
  readonly offers: readonly NameOffer[] | null;
  /** What it has room for; null: it has no limit. */
  readonly fit: RoomFit | null;
  readonly room: DovecotRoom | null;
}

/** What the daemon is to be offered of all, by the room that it has. `found`: where the offers come from. */
export async function offersFor(
  { refusal, room }: SniDaemon,
  all: readonly NameOffer[],
  found: readonly NameWithPair[],
): Promise<DaemonOffers> {
  if (refusal !== null) return { offers: null, fit: null, room: null };
  if (room === null) return { offers: all, fit: null, room: null };
  const bytesOf = new Map(found.flatMap(({ pair }) => (pair === null ? [] : [[pair.id, pair.bytes]])));
  const seen = await room.look();
  const fit = fitOffers(all, seen, { bytesOf, before: await room.names() });
  return { offers: fit.offers, fit, room: seen };
}
