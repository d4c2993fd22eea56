import { appendFileSync } from 'node:fs';
import { FileOutbox } from '../../../src/adapters/notify/outbox/outbox.js';
import { FileLockKeeper } from '../../../src/adapters/system/locks/locks.js';
import { Tree } from '../../../src/adapters/system/tree.js';
import { deliverMessages } from '../../../src/runs/notice/deliver-messages.js';
import type { NoticeChannel } from '../../../src/runs/ports/messages.js';

/*
 * Delivers what is due at the instant given; the channel writes into a file, and, when told to, says so and never answers: of
 * each message (`hang`), or of the first of them by name, while the others are still being connected (`hang-first`).
 */
const [root = '', instant = '', file = '', how = ''] = process.argv.slice(2);
const tree = new Tree(root);
const clock = { now: () => new Date(instant) };
const channel: NoticeChannel = {
  name: 'mail',
  label: 'a file',
  audiences: ['administrator', 'user'],
  deliver: async ({ id }, _, handingOver) => {
    if (how === 'hang-first' && id !== 'told-1') await new Promise((resolve) => setTimeout(resolve, 600_000));
    await handingOver?.();
    appendFileSync(file, `${id}\n`);
    if (!how.startsWith('hang')) return { outcome: 'delivered', said: 'written' };
    process.stdout.write('sent\n');
    // The caller kills us here.
    await new Promise((resolve) => setTimeout(resolve, 600_000));
    return { outcome: 'delivered', said: 'written' };
  },
  close: async () => undefined,
};
const host = {
  queue: new FileOutbox(tree, clock),
  channels: [channel],
  locks: new FileLockKeeper(tree),
  clock,
};
const { signal } = new AbortController();
process.stdout.write(`${JSON.stringify(await deliverMessages(host, { signal, boundMs: 60_000 }))}\n`);
