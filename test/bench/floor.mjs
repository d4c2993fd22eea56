// The floor: reads the same `combined` files and makes an X509Certificate of each leaf. Nothing else.
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(process.argv[2], 'var/cpanel/ssl/apache_tls');
let count = 0;
for (const name of readdirSync(folder)) {
  const certificate = new X509Certificate(readFileSync(join(folder, name, 'combined')));
  if (certificate.ca) throw new Error(`${name} holds no leaf`);
  count++;
}
process.stdout.write(`${count}\n`);
