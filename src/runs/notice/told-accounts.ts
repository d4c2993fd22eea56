import { AutosslError } from '../../core/domain/autossl-error.js';
import type { ToldAccount } from '../../core/notice/told/told-record.js';
import type { NoticeMemory } from '../ports/notices.js';

/** An account of which nobody was told anything. */
export function nothingTold(account: string, now: Date): ToldAccount {
  return { account, tellings: 0, toldAt: now.toISOString(), administratorsFullAt: null, entries: [] };
}

/**
 * What people were told of the account. A damaged record is begun anew, which may tell something twice; what cannot be written
 * either (a newer version's) is left alone. @throws AutosslError
 */
export async function readTold(account: string, memory: NoticeMemory, now: Date): Promise<ToldAccount> {
  try {
    return (await memory.read(account)) ?? nothingTold(account, now);
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    // What could not be remembered would be told anew at every run: only where it can be is it begun.
    const empty = nothingTold(account, now);
    await memory.write(account, empty);
    return empty;
  }
}
