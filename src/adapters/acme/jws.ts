import type { JsonWebKey } from 'node:crypto';
import { ConfigurationError } from '../../core/domain/autossl-error.js';
import type { AccountKey } from './account-key.js';

/** Signs request bodies as flattened JWS (RFC 8555 section 6.2). */
export interface RequestSigner {
  /**
   * The body of one request. @param payload undefined = POST-as-GET (empty payload)
   * @param kid the account's URL; null = the key itself is sent along (newAccount)
   */
  sign(request: {
    readonly url: string;
    readonly nonce: string;
    readonly payload: unknown;
    readonly kid: string | null;
  }): Promise<string>;
}

/** The key is made ready once; each signature then costs microseconds. */
export async function createSigner(key: AccountKey): Promise<RequestSigner> {
  const { FlattenedSign, importPKCS8 } = await import('jose');
  const signingKey = await importPKCS8(key.pem, key.algorithm);
  return {
    async sign({ url, nonce, payload, kid }) {
      const bytes = payload === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(payload));
      const who = kid === null ? { jwk: key.jwk } : { kid };
      const header = { alg: key.algorithm, nonce, url, ...who };
      return JSON.stringify(await new FlattenedSign(bytes).setProtectedHeader(header).sign(signingKey));
    },
  };
}

/** What a CA hands out for external account binding (RFC 8555 section 7.3.4). */
export interface ExternalAccount {
  readonly kid: string;
  /** base64url, as CAs print it; padding and the plain base64 alphabet are tolerated. */
  readonly hmac: string;
}

/** The externalAccountBinding member: the account's public key under the CA's MAC key. @throws ConfigurationError BAD_SETTING */
export async function bindExternalAccount(
  external: ExternalAccount,
  jwk: JsonWebKey,
  newAccountUrl: string,
): Promise<unknown> {
  const { FlattenedSign } = await import('jose');
  const text = external.hmac.trim().replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  if (!/^[A-Za-z0-9_-]{2,}$/.test(text)) {
    throw new ConfigurationError(
      'BAD_SETTING',
      'the HMAC key of the external account is not base64url text',
      {
        advice: 'Copy it again from the CA: autossl provider use NAME --eab-kid K --eab-hmac file:F',
      },
    );
  }
  return new FlattenedSign(Buffer.from(JSON.stringify(jwk)))
    .setProtectedHeader({ alg: 'HS256', kid: external.kid, url: newAccountUrl })
    .sign(Buffer.from(text, 'base64url'));
}
