import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { expect, test } from '@jest/globals';
import { describeWithParts } from '../../support/needs.js';
import { aHostCertificate } from '../../support/service-install.js';
import { canRead, DovecotRig } from '../../support/service-rigs.js';
import { declareServiceStory } from '../../support/service-story.js';

/** A client that stays. */
class ImapSession {
  readonly #socket: TLSSocket;
  #text = '';
  #count = 0;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#text += text;
    });
  }

  static async open(port: number): Promise<ImapSession> {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    const session = new ImapSession(socket);
    await once(socket, 'secureConnect');
    return session;
  }

  /** The answer's status line. */
  async say(command: string): Promise<string> {
    this.#count += 1;
    const tag = `t${this.#count}`;
    this.#socket.write(`${tag} ${command}\r\n`);
    for (;;) {
      const line = this.#text.split('\r\n').find((one) => one.startsWith(`${tag} `));
      if (line !== undefined) return line;
      await once(this.#socket, 'data', { signal: AbortSignal.timeout(20_000) });
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

describeWithParts('Dovecot', ['dovecot', 'dovecot-pop3', 'openssl', 'root'], () => {
  const story = declareServiceStory('dovecot', (root) => new DovecotRig(root));

  test('is not mistaken for a younger process of the same program, which is let alone', async () => {
    const program = join(story.tree().at('/opt'), 'dovecot');
    mkdirSync(dirname(program), { recursive: true });
    // It waits for its input, by the very words with which the daemon runs, or by others.
    copyFileSync('/bin/grep', program);
    const { arguments: own } = story.rig().yaml() as { readonly arguments: readonly string[] };
    const decoys = [own, ['another']].map((words) =>
      spawn(program, words, { stdio: ['pipe', 'ignore', 'ignore'] }),
    );
    await Promise.all(decoys.map((decoy) => once(decoy, 'spawn')));
    try {
      story.current.made = aHostCertificate();
      expect(await story.service().install(story.current.made)).toMatchObject({ state: 'served' });
      expect(story.shown()).toEqual(story.everywhere());
      expect(decoys.map(({ signalCode }) => signalCode)).toEqual([null, null]);
    } finally {
      for (const decoy of decoys) decoy.kill();
    }
  });

  test('lets a session go on that was open before', async () => {
    const imaps = story.rig().ports.find(({ startTls }) => startTls === undefined)?.port ?? 0;
    const session = await ImapSession.open(imaps);
    expect(await session.say('LOGIN u p')).toMatch(/ OK /);
    story.current.made = aHostCertificate();
    expect(await story.service().install(story.current.made)).toMatchObject({ state: 'served' });
    expect(story.shown()).toEqual(story.everywhere());
    expect(await session.say('SELECT INBOX')).toMatch(/ OK /);
    expect(await session.say('NOOP')).toMatch(/ OK /);
    session.close();
  });

  test('reads its key as root: nobody else may', () => {
    const readers = ['dovecot', 'dovenull', 'nobody'];
    expect(readers.map((user) => canRead(user, story.pem()))).toEqual([false, false, false]);
  });

  test('keeps the former one when its own configuration is broken meanwhile', async () => {
    const broken = aHostCertificate();
    const rig = story.rig();
    rig.write('late.conf', '');
    story.service().writeSettings({
      ...rig.yaml(),
      // The second time it is asked, after the new certificate was put in place, the administrator has made a mistake.
      testCommand: [
        'sh',
        '-c',
        'if [ -e "$0" ]; then rm "$0"; else echo "line 7: Unknown setting: sll" >&2; exit 89; fi',
        rig.write('once', ''),
      ],
    });
    const outcome = await story.service().install(broken);
    expect(outcome).toMatchObject({
      state: 'held',
      code: 'CONFIG_BROKEN_BEFORE',
      why: expect.stringContaining('Unknown setting'),
    });
    story.service().writeSettings(rig.yaml());
    expect(story.shown()).toEqual(story.everywhere());
  });
});
