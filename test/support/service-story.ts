import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { servicePemPath } from '../../src/adapters/store/services/service-certificates.js';
import type { Tree } from '../../src/adapters/system/tree.js';
import type { ServiceName } from '../../src/core/domain/service/service-name.js';
import type { TestCertificate } from './pki.js';
import { scratchTree } from './scratch.js';
import { aHostCertificate, HOSTNAME, ServiceUnderTest } from './service-install.js';
import { type ServiceRig, shownBy } from './service-rigs.js';

/** What every service goes through: `rig()` and `service()` are there once the first test runs. */
export interface ServiceStory {
  rig(): ServiceRig;
  service(): ServiceUnderTest;
  tree(): Tree;
  pem(): string;
  /** What openssl, a process of its own, is shown at each of its ports. */
  shown(): readonly (string | undefined)[];
  /** The certificate that should be served everywhere. */
  readonly current: { made: TestCertificate & { readonly fingerprint: string } };
  /** Every port shows it. */
  everywhere(): readonly string[];
}

/** Declares the tests that are the same for each daemon; further ones may follow in the same suite. */
export function declareServiceStory(name: ServiceName, makeRig: (root: string) => ServiceRig): ServiceStory {
  let rig: ServiceRig;
  let scratch: ReturnType<typeof scratchTree>;
  let service: ServiceUnderTest;
  const current = { made: aHostCertificate({ issuer: 'self' }) };
  const story: ServiceStory = {
    rig: () => rig,
    service: () => service,
    tree: () => scratch.tree,
    pem: () => servicePemPath(scratch.tree, name),
    shown: () => rig.ports.map((port) => shownBy(port, HOSTNAME, rig.address)),
    current,
    everywhere: () => rig.ports.map(() => current.made.fingerprint),
  };

  beforeAll(async () => {
    scratch = scratchTree();
    chmodSync(scratch.root, 0o755);
    service = new ServiceUnderTest(scratch.tree, name);
    rig = makeRig(scratch.root);
    await rig.configure(story.pem());
    service.writeSettings(rig.yaml());
    await service.place(current.made);
    await rig.start();
  });
  afterAll(async () => {
    await rig.stop();
    scratch.remove();
  });

  test('begins with a self-signed certificate', () => {
    expect(story.shown()).toEqual(story.everywhere());
  });

  test('takes a new certificate, which then answers at every port in the right protocol', async () => {
    current.made = aHostCertificate();
    const outcome = await service.install(current.made);
    expect(outcome).toMatchObject({ state: 'served', proof: { verdict: { served: true } } });
    const asked = outcome.state === 'served' ? (outcome.proof?.observations ?? []) : [];
    expect(asked.map(({ port }) => port).sort()).toEqual(rig.ports.map(({ port }) => port).sort());
    expect(story.shown()).toEqual(story.everywhere());
    expect(rig.isRunning).toBe(true);
  });

  test('takes the next one as well', async () => {
    current.made = aHostCertificate();
    expect(await service.install(current.made)).toMatchObject({ state: 'served' });
    expect(story.shown()).toEqual(story.everywhere());
  });

  test('keeps the former one when its test refuses the new one', async () => {
    const refused = aHostCertificate();
    service.writeSettings({ ...rig.yaml(), testCommand: service.testThatRefuses(refused, story.pem()) });
    expect(await service.install(refused)).toMatchObject({ state: 'restored', code: 'CONFIG_TEST_FAILED' });
    service.writeSettings(rig.yaml());
    expect(story.shown()).toEqual(story.everywhere());
  });

  test('is told of no key that is another certificate’s', async () => {
    const { keyPem } = aHostCertificate();
    const outcome = await service.install({ ...aHostCertificate(), keyPem });
    expect(outcome).toMatchObject({ state: 'held', code: 'PAIR_MISMATCH' });
    expect(story.shown()).toEqual(story.everywhere());
  });

  return story;
}
