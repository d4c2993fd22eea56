/** What an issuer said within this time is not asked for again: issuers make new lists and answers every few hours. */
export const FRESH_MS = 3_600_000;
