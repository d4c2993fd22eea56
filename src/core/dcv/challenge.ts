/** RFC 8555 section 8.3: where the file of an http-01 challenge is fetched. */
export const CHALLENGE_PATH = '/.well-known/acme-challenge/';

/** Beginning of the tokens that our own preflight makes up; no CA's token is likely to begin so. */
export const PREFLIGHT_TOKEN_PREFIX = 'autossl-preflight-';

/** RFC 8555 8.3 (base64url); 128 characters is our bound: a token becomes a file name (design section 3). */
const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;

/** Whether the token may become a file name. */
export function isChallengeToken(token: string): boolean {
  return TOKEN.test(token);
}

/** RFC 8555 section 8.1: what the file of a challenge holds. */
export function keyAuthorizationOf(token: string, keyThumbprint: string): string {
  return `${token}.${keyThumbprint}`;
}

/** Path of a challenge's URL. */
export function challengePathOf(token: string): string {
  return CHALLENGE_PATH + token;
}
