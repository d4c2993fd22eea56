import { SmtpChannel } from '../../../src/adapters/notify/smtp.js';
import { aMessage } from '../outgoing-message.js';

/* Mails forty messages to the port given, one after the other, and prints node's warnings: jest hides them. */
const channel = new SmtpChannel({
  ...{ host: '127.0.0.1', port: Number(process.argv[2]), tls: 'none', login: null, caBundle: null },
  ...{ timeoutMs: 20_000, from: null, hostname: 'host.test' },
});
const warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));
const { signal } = new AbortController();
let delivered = 0;
for (let place = 0; place < 40; place += 1) {
  const { outcome } = await channel.deliver(aMessage({ id: `told-${place}` }), signal);
  if (outcome === 'delivered') delivered += 1;
}
await channel.close();
// Warnings are told in a later turn.
await new Promise((resolve) => setTimeout(resolve, 50));
process.stdout.write(`${JSON.stringify({ delivered, warnings })}\n`);
process.exit(0);
