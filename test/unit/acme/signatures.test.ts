import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  ACCOUNT_KEY_TYPES,
  generateAccountKeyPem,
  readAccountKey,
} from '../../../src/adapters/acme/account-key.js';
import { bindExternalAccount, createSigner } from '../../../src/adapters/acme/jws.js';

const decode = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());

describe('a signed request', () => {
  test.each(ACCOUNT_KEY_TYPES)('verifies with the public half of a key of type %s', async (type) => {
    const key = await readAccountKey(await generateAccountKeyPem(type), 'key.pem');
    const signer = await createSigner(key);
    const body = await signer.sign({
      url: 'https://ca/x',
      nonce: 'n1',
      payload: { a: 'ü' },
      kid: 'https://ca/acct/1',
    });
    const { protected: header, payload, signature } = JSON.parse(body);
    expect(decode(header)).toEqual({
      alg: key.algorithm,
      nonce: 'n1',
      url: 'https://ca/x',
      kid: 'https://ca/acct/1',
    });
    expect(decode(payload)).toEqual({ a: 'ü' });
    const publicKey = createPublicKey({ key: key.jwk, format: 'jwk' });
    const hash = { ES256: 'sha256', ES384: 'sha384', RS256: 'sha256', EdDSA: null }[key.algorithm];
    const isValid = verify(
      hash,
      Buffer.from(`${header}.${payload}`),
      { key: publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    expect(isValid).toBe(true);
  });

  test('without a payload is a POST-as-GET; without an account it carries the public key alone', async () => {
    const key = await readAccountKey(await generateAccountKeyPem('ecdsa-prime256v1'), 'key.pem');
    const body = JSON.parse(
      await (await createSigner(key)).sign({
        url: 'https://ca/x',
        nonce: 'n',
        payload: undefined,
        kid: null,
      }),
    );
    expect(body.payload).toBe('');
    const { jwk } = decode(body.protected) as { jwk: Record<string, string> };
    expect(Object.keys(jwk).sort()).toEqual(['crv', 'kty', 'x', 'y']);
  });
});

test('the thumbprint is RFC 7638’s, over the members in its order', async () => {
  const key = await readAccountKey(await generateAccountKeyPem('rsa-2048'), 'key.pem');
  const { e, kty, n } = key.jwk;
  expect(key.thumbprint).toBe(createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url'));
});

describe('an external account’s binding', () => {
  const secret = Buffer.from([251, 255, 190, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  test.each([
    ['base64url', secret.toString('base64url')],
    ['base64 with padding and its other alphabet', secret.toString('base64')],
    ['base64url with white space around it, as files have', ` ${secret.toString('base64url')}\n`],
  ])('is the account key under the MAC key, given as %s', async (_form, hmac) => {
    const key = await readAccountKey(await generateAccountKeyPem('ecdsa-prime256v1'), 'key.pem');
    const bound = (await bindExternalAccount({ kid: 'k', hmac }, key.jwk, 'https://ca/new')) as Record<
      string,
      string
    >;
    expect(decode(bound['protected'] ?? '')).toEqual({ alg: 'HS256', kid: 'k', url: 'https://ca/new' });
    expect(decode(bound['payload'] ?? '')).toEqual(key.jwk);
    const mac = createHmac('sha256', secret)
      .update(`${bound['protected']}.${bound['payload']}`)
      .digest('base64url');
    expect(bound['signature']).toBe(mac);
  });
});

test.each(['', 'x', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'])(
  'a key file holding %j is a clear error',
  async (text) => {
    await expect(readAccountKey(text, '/x/key.pem')).rejects.toMatchObject({
      code: 'CORRUPT_RECORD',
      message: expect.stringContaining('/x/key.pem'),
    });
  },
);
