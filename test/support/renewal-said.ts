import https from 'node:https';
import type { Pebble } from './pebble.js';

/** Has a newer Pebble say this (RFC 9773) of the leaf in a `combined` from now on. */
export async function sayRenewalInfo(pebble: Pebble, combined: string, said: object): Promise<void> {
  const leaf = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(combined)?.[0] ?? '';
  const body = JSON.stringify({ Certificate: leaf, ARIResponse: JSON.stringify(said) });
  await new Promise<void>((resolve, reject) => {
    const request = https.request(
      `${pebble.managementUrl}/set-renewal-info/`,
      {
        method: 'POST',
        ca: pebble.transport.caPem,
        agent: false,
        headers: { 'user-agent': 'autossl-test/0' },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}`)),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
