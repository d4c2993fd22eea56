import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { FileMetadata } from '../../../src/adapters/store/choices/metadata.js';
import { buildChildProgram, Child } from '../../support/child-program.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

/** Odd, so that each ends at the value that it does not begin with. */
const TIMES = 501;
const VENDOR = { vendor_key: { kept: [1, 2] }, provider: null, metadata: { vendor_flag: '1' } };

let built: BuiltTree | undefined;
let writers: readonly Child[] = [];
afterEach(async () => {
  for (const writer of writers) await writer.kill();
  await built?.cleanUp();
});

test('two processes that change different keys at once lose no change, and the file is whole at every look', async () => {
  const script = await buildChildProgram('metadata-writer');
  built = aTree().autosslJson(VENDOR).build();
  const file = built.path('/var/cpanel/autossl.json');
  const store = new FileMetadata(built.tree);
  const keys = ['clobber_externally_signed', 'notify_autossl_expiry_user'] as const;
  await store.set('notify_autossl_expiry_user', false);
  const { root } = built;
  writers = keys.map((key) => new Child(script, [root, key, String(TIMES)]));
  for (const writer of writers) expect(await writer.line()).toBe('ready');

  let isOver = false;
  let looks = 0;
  const looking = (async () => {
    while (!isOver) {
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ vendor_key: VENDOR.vendor_key });
      looks += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  const ends = await Promise.all(writers.map((writer) => writer.line()));
  isOver = true;
  await looking;
  expect(ends).toEqual(['lost 0', 'lost 0']);
  expect(looks).toBeGreaterThan(1);

  const { metadata, ...others } = JSON.parse(readFileSync(file, 'utf8'));
  expect(others).toEqual({ vendor_key: VENDOR.vendor_key, provider: null });
  expect(metadata).toEqual({
    vendor_flag: '1',
    clobber_externally_signed: '1',
    notify_autossl_expiry_user: '1',
  });
}, 60_000);
