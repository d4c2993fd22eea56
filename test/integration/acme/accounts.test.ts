import { readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AcmeAuthorityOptions } from '../../../src/adapters/acme/authority.js';
import type { AcmeRefusal, CaAccount } from '../../../src/runs/ports/authority.js';
import { type AcmeProxy, PATHS, startAcmeProxy } from '../../support/acme-proxy.js';
import { describeWithParts } from '../../support/needs.js';
import {
  type AccountBench,
  createAccountBench,
  PEBBLE_TERMS,
  TEST_PROVIDER,
} from '../../support/order-bench.js';
import { type Pebble, startPebble } from '../../support/pebble.js';

const HMAC = Buffer.from('a MAC key of thirty-two bytes!!!').toString('base64url');

function opened(answer: CaAccount | AcmeRefusal): CaAccount {
  if ('refused' in answer) throw new Error(`${answer.refused.type}: ${answer.refused.detail}`);
  return answer;
}

describeWithParts('the ACME account', ['pebble'], () => {
  let pebble: Pebble;
  let proxy: AcmeProxy;
  let bench: AccountBench;
  beforeAll(async () => {
    pebble = await startPebble();
    proxy = await startAcmeProxy(pebble);
  });
  afterAll(async () => {
    await proxy?.close();
    await pebble?.stop();
  });
  beforeEach(async () => {
    proxy.clear();
    bench = await createAccountBench({
      directoryUrl: proxy.directoryUrl,
      caBundlePem: pebble.transport.caPem,
    });
  });
  afterEach(() => bench.remove());

  const folder = (): string => bench.tree.accounts(TEST_PROVIDER.name);
  const registrations = (): number =>
    proxy.requests.filter((one) => one.path === PATHS.newAccount && one.status === 201).length;

  test.each(['ecdsa-prime256v1', 'ecdsa-secp384r1', 'rsa-2048'] as const)(
    'is registered with a key of type %s',
    async (accountKeyType) => {
      const authority = bench.open({ accountKeyType });
      const account = opened(await authority.openAccount());
      expect(account.url).toMatch(/^https:\/\//);
      // The account can be used: an order for a name is taken.
      const order = await authority.newOrder([{ type: 'dns', value: 'a.test' }], {});
      expect(order).toMatchObject({ status: 'pending', identifiers: [{ type: 'dns', value: 'a.test' }] });
    },
  );

  test('is asked how it stands', async () => {
    const authority = bench.open();
    const account = opened(await authority.openAccount());
    expect(await authority.readAccountStatus?.()).toBe('valid');
    proxy.fault(new URL(account.url).pathname, { kind: 'problem', status: 403, type: 'unauthorized' });
    expect(await authority.readAccountStatus?.()).toBe('refused');
  });

  test('a key type that the CA does not take is its refusal, not a crash', async () => {
    const refusal = await bench.open({ accountKeyType: 'ed25519' }).openAccount();
    expect(refusal).toMatchObject({
      refused: { type: expect.stringMatching(/bad(PublicKey|SignatureAlgorithm)|malformed/) },
    });
  });

  test('is registered once, whatever opens it again, and its files are root’s alone', async () => {
    const first = opened(await bench.open().openAccount());
    expect(opened(await bench.open().openAccount())).toEqual(first);
    expect(registrations()).toBe(1);
    for (const name of ['key.pem', 'account.json'])
      expect((await stat(join(folder(), name))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(folder(), 'account.json'), 'utf8'))).toMatchObject({
      schemaVersion: 1,
      url: first.url,
      keyThumbprint: first.keyThumbprint,
      termsAcceptedUrl: PEBBLE_TERMS,
    });
  });

  test('two processes that start beside each other end with one key and one account', async () => {
    const accounts = await Promise.all([bench.open().openAccount(), bench.open().openAccount()]);
    expect(opened(accounts[0])).toEqual(opened(accounts[1]));
    expect(registrations()).toBe(1);
  });

  test.each([
    ['lost', (path: string) => unlink(path)],
    ['cut short by power loss', (path: string) => writeFile(path, '{"schemaVersion":1,')],
  ])('is found again by its key when its record is %s', async (_how, damage) => {
    const first = opened(await bench.open().openAccount());
    await damage(join(folder(), 'account.json'));
    expect(opened(await bench.open().openAccount())).toEqual(first);
    expect(registrations()).toBe(1);
  });

  test('is registered again when the CA was reset and no longer knows it, in the middle of a run', async () => {
    const other = await startPebble();
    const late = await startAcmeProxy(other);
    try {
      const authority = bench.open();
      const lost = opened(await authority.openAccount());
      // The same address now leads to a CA without our account: what a restart of Pebble does.
      const record = JSON.parse(await readFile(join(folder(), 'account.json'), 'utf8'));
      const moved = {
        ...record,
        directoryUrl: late.directoryUrl,
        url: late.directoryUrl.replace(PATHS.directory, '/my-account/77'),
      };
      await writeFile(join(folder(), 'account.json'), JSON.stringify(moved));
      const again = bench.open({ directoryUrl: late.directoryUrl, caBundlePem: other.transport.caPem });
      expect(opened(await again.openAccount()).url).toBe(moved.url);
      const orders = await Promise.all(
        ['a.test', 'b.test'].map((value) => again.newOrder([{ type: 'dns', value }], {})),
      );
      expect(orders).toEqual([
        expect.objectContaining({ status: 'pending' }),
        expect.objectContaining({ status: 'pending' }),
      ]);
      const now = opened(
        await bench
          .open({ directoryUrl: late.directoryUrl, caBundlePem: other.transport.caPem })
          .openAccount(),
      );
      expect(now.keyThumbprint).toBe(lost.keyThumbprint);
      expect(now.url).not.toBe(moved.url);
    } finally {
      await late.close();
      await other.stop();
    }
  });

  test.each<[string, Partial<AcmeAuthorityOptions>]>([
    ['none were accepted', { termsAccepted: null }],
    ['others were accepted', { termsAccepted: 'https://ca.test/terms-of-2019.pdf' }],
  ])('is not registered while terms wait for a yes: %s', async (_how, over) => {
    const error = await bench
      .open(over)
      .openAccount()
      .catch((one: unknown) => one);
    expect(error).toMatchObject({
      code: 'TERMS_NOT_ACCEPTED',
      message: expect.stringContaining(PEBBLE_TERMS),
      advice: expect.stringContaining(`autossl provider use CustomACME --accept-terms ${PEBBLE_TERMS}`),
    });
    expect(proxy.requests.map((one) => one.path)).toEqual([PATHS.directory]);
  });

  test('terms that the CA changed under us are the same error', async () => {
    const authority = bench.open();
    opened(await authority.openAccount());
    proxy.fault(PATHS.newOrder, { kind: 'problem', status: 403, type: 'userActionRequired' });
    await expect(authority.newOrder([{ type: 'dns', value: 'a.test' }], {})).rejects.toMatchObject({
      code: 'TERMS_NOT_ACCEPTED',
    });
  });

  test('a newly accepted version of the terms is told to the CA once', async () => {
    opened(await bench.open().openAccount());
    const path = join(folder(), 'account.json');
    const record = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...record, termsAcceptedUrl: 'https://ca.test/older' }));
    proxy.clear();
    const agreements = (): number =>
      proxy.requests.filter(
        (one) => (one.payload as { termsOfServiceAgreed?: boolean })?.termsOfServiceAgreed,
      ).length;
    opened(await bench.open().openAccount());
    opened(await bench.open().openAccount());
    expect(agreements()).toBe(1);
    expect(JSON.parse(await readFile(path, 'utf8')).termsAcceptedUrl).toBe(PEBBLE_TERMS);
  });

  test('a key file that others may read is refused, with the remedy', async () => {
    opened(await bench.open().openAccount());
    const { chmod } = await import('node:fs/promises');
    await chmod(join(folder(), 'key.pem'), 0o644);
    await expect(bench.open().openAccount()).rejects.toMatchObject({ code: 'SECRET_EXPOSED' });
  });

  test('a damaged key file is a clear error and is not overwritten', async () => {
    opened(await bench.open().openAccount());
    await writeFile(join(folder(), 'key.pem'), 'not a key');
    await expect(bench.open().openAccount()).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    expect(await readFile(join(folder(), 'key.pem'), 'utf8')).toBe('not a key');
  });

  describe('at a CA that wants external accounts', () => {
    let strict: Pebble;
    beforeAll(async () => {
      strict = await startPebble({ eab: { 'kid-1': HMAC } });
    });
    afterAll(() => strict?.stop());
    const openWith = (eab: AcmeAuthorityOptions['eab']): Promise<CaAccount | AcmeRefusal> =>
      bench
        .open({ directoryUrl: strict.directoryUrl, caBundlePem: strict.transport.caPem, eab })
        .openAccount();

    test('the right key binds it', async () => {
      expect(opened(await openWith({ kid: 'kid-1', hmac: HMAC })).url).toMatch(/^https:/);
      const record = JSON.parse(await readFile(join(folder(), 'account.json'), 'utf8'));
      expect(record.eabKid).toBe('kid-1');
    });

    test('without one it is a refusal that says what to do', async () => {
      expect(await openWith(null)).toMatchObject({
        refused: {
          type: 'urn:ietf:params:acme:error:externalAccountRequired',
          detail: expect.stringContaining('autossl provider use CustomACME --eab-kid K --eab-hmac file:F'),
        },
      });
    });

    test.each([
      ['key id', { kid: 'kid-2', hmac: HMAC }],
      [
        'HMAC key',
        { kid: 'kid-1', hmac: Buffer.from('another key of thirty-two bytes!').toString('base64url') },
      ],
    ])('a wrong %s is a refusal that names the key id', async (_what, eab) => {
      expect(await openWith(eab)).toMatchObject({
        refused: { detail: expect.stringContaining(`external account with key id ${eab.kid}`) },
      });
    });

    test('an HMAC key that is no base64url text is a wrong setting', async () => {
      await expect(openWith({ kid: 'kid-1', hmac: 'not/base64!' })).rejects.toMatchObject({
        code: 'BAD_SETTING',
      });
    });
  });
});
