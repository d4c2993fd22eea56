import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { outputFileSync } from 'fs-extra/esm';
import { FileCertificateStore } from '../../../src/adapters/store/publication/certificates.js';
import { websiteRef } from '../../support/fake-pairs.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { aCertificate, aKey, keyPemOf } from '../../support/pki.js';
import { scratchTree } from '../../support/scratch.js';

const website = websiteRef('example.com');
const certificate = aCertificate({ names: ['example.com'] });
const keyPem = /-----BEGIN PRIVATE KEY-----[\s\S]*?-----END PRIVATE KEY-----\n/.exec(
  certificate.combined,
)?.[0];
const withoutKey = certificate.combined.replace(keyPem ?? '', '');
const anotherKey = keyPemOf(aKey('ecdsa-prime256v1', 'another'));

let scratch: ReturnType<typeof scratchTree>;
beforeEach(() => {
  scratch = scratchTree();
});
afterEach(() => scratch.remove());

describe('the key that lies beside a certificate', () => {
  test.each([
    ['its own key', certificate.combined, keyPem],
    ['its own key after another', `${anotherKey}${certificate.combined}`, keyPem],
    ['no key', withoutKey, undefined],
    ['the key of another certificate', `${anotherKey}${withoutKey}`, undefined],
    ['a key and no certificate', anotherKey, undefined],
    ['an empty file', '', undefined],
  ])('%s', async (_, text, expected) => {
    const path = scratch.tree.combined(website.vhost);
    outputFileSync(path, text);
    const store = new FileCertificateStore({ tree: scratch.tree, clock: fixedClock('2026-06-01T00:00:00Z') });
    expect(await store.readKey(website)).toBe(expected);
  });

  test('is not there without a file', async () => {
    const store = new FileCertificateStore({ tree: scratch.tree, clock: fixedClock('2026-06-01T00:00:00Z') });
    expect(await store.readKey(website)).toBeUndefined();
  });
});
