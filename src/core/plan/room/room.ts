/** What is free on the file system of a folder. */
export interface FreeRoom {
  /** As documented, for messages. */
  readonly folder: string;
  /** Bytes that we may still write. */
  readonly bytes: number;
  /** Files that may still be made; null: the file system has no such limit. */
  readonly inodes: number | null;
}

export interface NeededRoom {
  readonly bytes: number;
  readonly inodes: number;
}

/** The least that a run which orders anything leaves free: its log, the journals, the tables of services. */
const BASE_BYTES = 4 * 1024 * 1024;
const BASE_INODES = 128;
/**
 * A website while its certificate is exchanged: key, request, chain, order, records, the set in place, the former one, each
 * a block or two of 4 KiB, and the temporary file beside each.
 */
const WEBSITE_BYTES = 96 * 1024;
const WEBSITE_INODES = 20;
/** A copy by name: its folder, the file and, for a moment, the temporary one. */
const NAME_BYTES = 20 * 1024;
const NAME_INODES = 3;

/** What the planned work may need at most; `names` of all these websites together. */
export function roomNeeded(work: { readonly websites: number; readonly names: number }): NeededRoom {
  if (work.websites === 0) return { bytes: 0, inodes: 0 };
  return {
    bytes: BASE_BYTES + work.websites * WEBSITE_BYTES + work.names * NAME_BYTES,
    inodes: BASE_INODES + work.websites * WEBSITE_INODES + work.names * NAME_INODES,
  };
}

const MEBIBYTE = 1024 * 1024;

/** Where there is too little, as a clause; null when there is enough everywhere. */
export function lackOfRoom(needed: NeededRoom, rooms: readonly FreeRoom[]): string | null {
  for (const { folder, bytes, inodes } of rooms) {
    if (bytes < needed.bytes) {
      return `${mebibytes(bytes)} MiB are free for ${folder}, and the planned work may need ${mebibytes(needed.bytes)}`;
    }
    if (inodes !== null && inodes < needed.inodes) {
      return `${inodes} more files can be made in ${folder}, and the planned work may need ${needed.inodes}`;
    }
  }
  return null;
}

function mebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(1);
}
