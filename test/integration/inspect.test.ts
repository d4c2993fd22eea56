import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readBytes } from '../../src/adapters/system/files/files.js';
import { readTrustAnchors } from '../../src/adapters/system/trust-anchors.js';
import { inspect, inspectCommand } from '../../src/cli/commands/inspect.js';
import { ConfigurationError } from '../../src/core/domain/autossl-error.js';
import { bits, integer, oid, sequence } from '../support/der-writer.js';
import { aCertificate, aKey, anIntermediate, aRoot, keyPemOf, PKI_NOW } from '../support/pki.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'inspect-'));
  file('roots.pem', aRoot().certPem);
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

async function run(paths: readonly string[], options: { json?: boolean; isTerminal?: boolean } = {}) {
  let output = '';
  const exitCode = await inspect(
    paths,
    options,
    ioInto((text) => {
      output += text;
    }, options.isTerminal),
  );
  return { exitCode, output };
}

const ioInto = (stdout: (text: string) => void, isTerminal = false) => ({
  stdout,
  isTerminal,
  readBytes,
  anchors: () => readTrustAnchors({ storePath: join(folder, 'roots.pem') }),
  now: () => PKI_NOW,
});

async function json(path: string) {
  const { output, exitCode } = await run([path], { json: true });
  return { ...(JSON.parse(output) as Record<string, unknown>), exitCode };
}
const codes = (inspection: Record<string, unknown>) =>
  (inspection['defects'] as { code: string }[]).map(({ code }) => code);

describe('autossl inspect', () => {
  test('JSON has exactly the documented keys, in order, one object per line', async () => {
    const leaf = aCertificate({ serial: Buffer.from('80ff', 'hex') });
    const rsa = aCertificate({ keyType: 'rsa-2048' });
    const { output, exitCode } = await run([file('a.pem', leaf.combined), file('b.pem', rsa.combined)], {
      json: true,
    });
    const [first, second] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(exitCode).toBe(0);
    expect(first).toEqual({
      path: join(folder, 'a.pem'),
      error: null,
      subject: 'CN=example.com',
      issuer: 'CN=Test Intermediate,O=Test Authority',
      serial: '80ff',
      notBefore: '2026-05-01T00:00:00Z',
      notAfter: '2026-07-30T00:00:00Z',
      dnsNames: ['example.com', 'www.example.com'],
      ipAddresses: [],
      keyType: 'ec',
      curve: 'prime256v1',
      signatureAlgorithm: 'ecdsa-with-SHA256',
      selfSigned: false,
      isCa: false,
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'],
      policyOids: ['2.23.140.1.2.1'],
      validationLevel: 'DV',
      authorityKeyIdentifier: anIntermediate().keyIdentifier.toString('hex'),
      subjectKeyIdentifier: expect.stringMatching(/^[0-9a-f]{40}$/),
      ariCertificateId: `${anIntermediate().keyIdentifier.toString('base64url')}.AID_`,
      keyMatches: true,
      defects: [],
    });
    const documented = Object.keys(first ?? {}).map((key) => (key === 'curve' ? 'keyBits' : key));
    expect(Object.keys(second ?? {})).toEqual(documented);
    expect(second).toMatchObject({ keyType: 'rsa', keyBits: 2048 });
  });

  test('text for people', async () => {
    const leaf = aCertificate({
      keyType: 'rsa-1024',
      notAfter: '2026-05-20T00:00:00Z',
      names: ['example.com', '192.0.2.1'],
    });
    const { output } = await run([file('people.pem', leaf.combined)]);
    expect(output.replaceAll(/[0-9a-f]{32,}/g, 'HEX').replace(/[\w-]{27}\.[\w-]+/, 'ARI')).toBe(
      [
        join(folder, 'people.pem'),
        '  subject      CN=example.com',
        '  issuer       CN=Test Intermediate,O=Test Authority',
        '  serial       HEX',
        '  valid from   2026-05-01T00:00:00Z',
        '  valid until  2026-05-20T00:00:00Z',
        '  names        example.com, 192.0.2.1',
        '  key          rsa 1024 bits, the private key belongs to it',
        '  signature    ecdsa-with-SHA256',
        '  level        DV',
        '  purposes     1.3.6.1.5.5.7.3.1',
        '  policies     2.23.140.1.2.1',
        '  issuer key   HEX',
        '  own key      HEX',
        '  ARI          ARI',
        '  defective: The certificate expired at 2026-05-20T00:00:00Z (0:10:CERT_HAS_EXPIRED). [CERTIFICATE_EXPIRED, RFC 5280 4.1.2.5]',
        '  defective: The RSA key has 1024 bits; at least 2048 are needed. [RSA_KEY_TOO_SMALL, CA/B Baseline Requirements 6.1.5]',
        '',
      ].join('\n'),
    );
  });

  test('on a terminal JSON is set out for the eye and steers nothing', async () => {
    const leaf = aCertificate({ names: ['a\u009b2Jb.example'] });
    const { output } = await run([file('steer.pem', leaf.combined)], { json: true, isTerminal: true });
    expect(output).toContain('\n  "dnsNames": [\n    "a\\u009b2jb.example"');
    expect(output).toMatch(/^[\n\u0020-\u007e]*$/);
  });

  test.each<[string, () => string]>([
    ['PEM with the chain', () => file('f.pem', aCertificate().chainPem)],
    ['DER', () => file('f.der', anIntermediate().der)],
    [
      'UTF-16 as some Windows tools write',
      () => file('f16.pem', Buffer.from(`\ufeff${aCertificate().chainPem}`, 'utf16le')),
    ],
    [
      'through a link',
      () => {
        symlinkSync(join(folder, 'roots.pem'), join(folder, 'link.pem'));
        return join(folder, 'link.pem');
      },
    ],
  ])('reads %s', async (_, make) => {
    expect(await json(make())).toMatchObject({ error: null, exitCode: 0 });
  });

  describe('the key beside the certificate', () => {
    const leaf = aCertificate();
    const wrong = keyPemOf(aKey());
    test.each<[string, Readonly<Record<string, string>>, string, boolean | null]>([
      ['none', { 'cert.pem': leaf.chainPem }, 'cert.pem', null],
      ['FILE.key', { 'cert.pem': leaf.chainPem, 'cert.pem.key': leaf.keyPem }, 'cert.pem', true],
      ['same name with .key', { 'cert.crt': leaf.chainPem, 'cert.key': leaf.keyPem }, 'cert.crt', true],
      [
        'privkey.pem as certbot has it',
        { 'fullchain.pem': leaf.chainPem, 'privkey.pem': leaf.keyPem },
        'fullchain.pem',
        true,
      ],
      ['key.pem', { 'cert.pem': leaf.chainPem, 'key.pem': leaf.keyPem }, 'cert.pem', true],
      ['a wrong one', { 'cert.pem': leaf.chainPem, 'key.pem': wrong }, 'cert.pem', false],
      [
        'a wrong one and the right one',
        { 'cert.pem': leaf.chainPem, 'cert.key': wrong, 'privkey.pem': leaf.keyPem },
        'cert.pem',
        true,
      ],
      [
        'the leaf’s key beside the chain',
        { 'chain.pem': anIntermediate().certPem, 'privkey.pem': leaf.keyPem },
        'chain.pem',
        null,
      ],
      [
        'one in the file counts before one beside it',
        { 'a.pem': wrong + leaf.chainPem, 'key.pem': leaf.keyPem },
        'a.pem',
        false,
      ],
    ])('%s', async (name, files, path, expected) => {
      const own = name.replaceAll(/\W/g, '-');
      mkdirSync(join(folder, own));
      for (const [each, contents] of Object.entries(files)) file(join(own, each), contents);
      const inspection = await json(join(folder, own, path));
      expect(inspection).toMatchObject({ keyMatches: expected });
      expect(codes(inspection).includes('KEY_MISMATCH')).toBe(expected === false);
    });
  });

  test.each<[string, () => string, string | RegExp]>([
    ['a file that is not there', () => join(folder, 'nowhere'), 'there is no such file'],
    ['a folder', () => folder, /is not a regular file$/],
    ['a FIFO, without hanging', () => fifo(), /is not a regular file$/],
    ['a device', () => '/dev/zero', /is not a regular file$/],
    ['a file of a gigabyte', () => huge(), /is larger than 16777216 bytes$/],
    ['an empty file', () => file('empty', ''), 'the file is empty'],
    ['only zeros', () => file('zeros', Buffer.alloc(5000)), 'there is no certificate in it'],
    ['a key alone', () => file('only.key', aCertificate().keyPem), 'there is no certificate in it'],
    ['a PKCS #12 file', () => file('x.p12', sequence(integer(3))), /PKCS #12/],
    ['a cut certificate', () => file('cut.pem', aCertificate().certPem.slice(0, 200)), /end line is missing/],
    ['a path with a NUL', () => `${folder}/a\0b`, /^it cannot be read/],
    ['a path of 5000 characters', () => `/${'x'.repeat(5000)}`, /^it cannot be read: the name is too long$/],
  ])('%s has an error of its own, and the exit code is 1', async (_, make, error) => {
    const inspection = await json(make());
    expect(inspection).toMatchObject({ exitCode: 1, subject: null, dnsNames: [], keyMatches: null });
    expect(inspection).toMatchObject({
      error: typeof error === 'string' ? error : expect.stringMatching(error),
    });
  });

  test('one bad file does not hide the others', async () => {
    const good = file('good.pem', aCertificate().combined);
    const { output, exitCode } = await run([join(folder, 'nowhere'), good], { json: true });
    expect(
      output
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { error: unknown }).error),
    ).toEqual(['there is no such file', null]);
    expect(exitCode).toBe(1);
  });

  test('DSA keys, well formed or not, are told and not tripped over', async () => {
    const dsa = sequence(sequence(oid('1.2.840.10040.4.1')), bits(integer(5)));
    const inspection = await json(file('dsa.pem', aCertificate({ spkiDer: dsa, issuer: 'self' }).chainPem));
    expect(inspection).toMatchObject({ error: null, keyType: 'dsa', keyBits: null });
    expect(codes(inspection)).toContain('KEY_TYPE_UNSUPPORTED');
  });

  test('an encrypted key is said, and is no reason to doubt the certificate', async () => {
    const encrypted = aKey().export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    });
    const inspection = await json(file('encrypted.pem', encrypted.toString() + aCertificate().chainPem));
    expect(inspection).toMatchObject({
      exitCode: 0,
      keyMatches: null,
      defects: [
        {
          code: 'KEY_UNREADABLE',
          severity: 'warning',
          message:
            'No server can use the file: the private key cannot be used: it is encrypted with a passphrase.',
        },
      ],
    });
  });

  test('no bytes at all make it stumble', async () => {
    const path = join(folder, 'fuzz');
    const good = Buffer.from(aCertificate().combined);
    const spoilt = fc
      .tuple(fc.nat(good.length), fc.uint8Array({ maxLength: 30 }), fc.nat(300))
      .map(([at, inserted, removed]) =>
        Buffer.concat([good.subarray(0, at), inserted, good.subarray(at + removed)]),
      );
    await fc.assert(
      fc.asyncProperty(fc.oneof(spoilt, fc.uint8Array({ maxLength: 2000 })), async (bytes) => {
        writeFileSync(path, bytes);
        const { output } = await run([path], { json: true });
        const text = (await run([path])).output;
        expect(Object.keys(JSON.parse(output) as object)).toHaveLength(22);
        expect(text).toMatch(/^[^\p{Cc}]*(\n[^\p{Cc}]*)*\n$/u);
      }),
      { numRuns: 200 },
    );
  });

  test('as a command it takes several files and gives its exit code', async () => {
    let exitCode: number | undefined;
    let output = '';
    const command = inspectCommand(
      ioInto((text) => {
        output += text;
      }),
      (code) => {
        exitCode = code;
      },
    );
    await command.parseAsync([join(folder, 'roots.pem'), join(folder, 'nowhere'), '--json'], {
      from: 'user',
    });
    expect(output.trim().split('\n')).toHaveLength(2);
    expect(exitCode).toBe(1);
  });
});

describe('the store of trusted roots', () => {
  test('extra roots count beside it; one that is not there is passed over', async () => {
    const private_ = aRoot({ name: 'Private' });
    const anchors = await readTrustAnchors({
      storePath: join(folder, 'roots.pem'),
      extraFiles: [file('private.pem', private_.certPem), join(folder, 'nowhere')],
    });
    expect(anchors.size).toBe(2);
  });

  test.each<[string, () => string]>([
    ['missing', () => join(folder, 'nowhere')],
    ['empty', () => file('no-roots', '')],
    ['a folder', () => folder],
  ])('that is %s is a setting to mend, not an empty trust', async (_, make) => {
    await expect(readTrustAnchors({ storePath: make() })).rejects.toThrow(ConfigurationError);
  });
});

function fifo(): string {
  const path = join(folder, 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

function huge(): string {
  const path = file('huge', '-----BEGIN CERTIFICATE-----\n');
  truncateSync(path, 1024 ** 3);
  chmodSync(path, 0o600);
  return path;
}
