import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { describeWithParts } from '../../support/needs.js';
import { aHostCertificate } from '../../support/service-install.js';
import { canRead, PureFtpdRig } from '../../support/service-rigs.js';
import { declareServiceStory } from '../../support/service-story.js';

describeWithParts('Pure-FTPd', ['pure-ftpd', 'openssl', 'root'], () => {
  const story = declareServiceStory('ftp', (root) => new PureFtpdRig(root));

  test('lets a session go on that was open before it was started again', async () => {
    const [{ port } = { port: 0 }] = story.rig().ports;
    const session = connect({ host: '127.0.0.1', port });
    session.setEncoding('latin1');
    let text = '';
    session.on('data', (more: string) => {
      text += more;
    });
    const reply = async (code: string): Promise<void> => {
      while (!text.includes(`${code} `)) await once(session, 'data', { signal: AbortSignal.timeout(20_000) });
      text = '';
    };
    await reply('220');
    const before = story.rig().pid;
    story.current.made = aHostCertificate();
    expect(await story.service().install(story.current.made)).toMatchObject({ state: 'served' });
    expect(story.rig().pid).not.toBe(before);
    session.write('NOOP\r\n');
    await reply('200');
    session.destroy();
  });

  test('reads its key as root: nobody else may', () => {
    expect(['nobody', 'www-data'].map((user) => canRead(user, story.pem()))).toEqual([false, false]);
  });

  test('is not touched when nobody knows how to start it again', async () => {
    const { arguments: _words, ...others } = story.rig().yaml();
    story.service().writeSettings({ ...others });
    const before = story.rig().pid;
    const outcome = await story.service().install(aHostCertificate());
    expect(outcome).toMatchObject({
      state: 'held',
      code: 'CONFIG_BROKEN_BEFORE',
      why: expect.stringContaining('services.ftp.startCommand'),
    });
    expect(story.rig().pid).toBe(before);
    story.service().writeSettings(story.rig().yaml());
    expect(story.shown()).toEqual(story.everywhere());
  });
});
