// What reading the accounts costs at least: the domain index once and each account's file, split into lines.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.argv[2];
const websites = new Set();
for (const line of readFileSync(join(root, 'etc/userdatadomains'), 'utf8').split('\n')) {
  const [domain, facts = ''] = line.split(': ');
  const [, , type] = facts.split('==');
  if (type === 'main' || type === 'sub') websites.add(domain);
}
const users = join(root, 'var/cpanel/users');
for (const name of readdirSync(users)) {
  const lines = readFileSync(join(users, name), 'utf8').split('\n');
  const values = new Map(lines.map((line) => line.split('=', 2)));
  if (!values.has('DNS')) throw new Error(`${name} has no main domain`);
}
process.stdout.write(`${websites.size}\n`);
