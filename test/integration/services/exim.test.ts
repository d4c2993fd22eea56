import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { describeWithParts } from '../../support/needs.js';
import { aHostCertificate } from '../../support/service-install.js';
import { canRead, EximRig } from '../../support/service-rigs.js';
import { declareServiceStory } from '../../support/service-story.js';

describeWithParts('Exim', ['exim', 'openssl', 'root'], () => {
  const story = declareServiceStory('exim', (root) => new EximRig(root));

  test('may read its key, and nobody else may', () => {
    const folder = story.tree().serviceTls('exim');
    const readers = ['Debian-exim', 'nobody', 'www-data'];
    expect(readers.map((user) => canRead(user, story.pem()))).toEqual([true, false, false]);
    expect(readers.map((user) => canRead(user, join(folder, 'exim.key')))).toEqual([true, false, false]);
    expect(readers.map((user) => canRead(user, join(folder, 'combined')))).toEqual([false, false, false]);
  });

  test('is left alone when it could not read the new key', async () => {
    const refused = aHostCertificate();
    const { keyGroup, ...others } = story.rig().yaml();
    expect(keyGroup).toBe('Debian-exim');
    story.service().writeSettings(others);
    const outcome = await story.service().install(refused);
    expect(outcome).toMatchObject({ state: 'held', why: expect.stringContaining('services.exim.keyGroup') });
    expect(story.shown()).toEqual(story.everywhere());
    story.service().writeSettings(story.rig().yaml());
    story.current.made = aHostCertificate();
    expect(await story.service().install(story.current.made)).toMatchObject({ state: 'served' });
    expect(story.shown()).toEqual(story.everywhere());
  });
});

describeWithParts('Exim that chooses its certificate by name', ['exim', 'openssl', 'root'], () => {
  class ByNameRig extends EximRig {
    override async configure(pem: string): Promise<void> {
      await super.configure(pem, `\${if eq{$tls_in_sni}{other.test}{/nowhere}{${pem}}}`);
    }
  }
  const story = declareServiceStory('exim', (root) => new ByNameRig(root));

  test('is not told anything: it reads the file at each connection', async () => {
    const before = story.rig().pid;
    expect(story.service().events.length).toBeGreaterThan(0);
    expect(story.rig().pid).toBe(before);
  });
});

describeWithParts('Exim that listens on an IPv6 address alone', ['exim', 'openssl', 'root'], () => {
  class SixRig extends EximRig {
    override readonly address = '::1';
  }
  declareServiceStory('exim', (root) => new SixRig(root));
});
