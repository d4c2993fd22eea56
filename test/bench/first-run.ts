// Gives every website of a new server its first certificate, through bin/. Words: number of websites; `local` (the local
// CA) or `pebble`; key type; node's own options. Prints one JSON object.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from '../../.ci/measure.mjs';
import { startCaSite } from '../support/ca-site.js';
import { startEmbeddedDns } from '../support/embedded-dns.js';
import { startEmbeddedWeb } from '../support/embedded-web.js';
import { LOOPBACK } from '../support/loopback.js';
import { freePorts } from '../support/ports.js';
import { type AccountSpec, aTree, type BuiltTree } from '../support/tree-builder.js';
import { wantedNames } from '../support/wanted-names.js';
import { benchAccounts } from './websites.js';

interface Server {
  readonly built: BuiltTree;
  close(): Promise<void>;
}

const [count = '', ca = '', keyType = '', ...nodeOptions] = process.argv.slice(2);
const accounts: readonly (readonly [string, AccountSpec])[] = benchAccounts(Number(count)).map(
  ([name, spec]) => [name, { ...spec, keyType }],
);
const names = new Map(accounts.flatMap(([, spec]) => [...wantedNames(spec)]));
const program = join(process.cwd(), 'bin/autossl_check');

const { built, close } = ca === 'pebble' ? await atPebble() : await atLocalCa();
try {
  const { code, output, ms, cpuMs, peakBytes } = await measure(
    process.execPath,
    [...nodeOptions, program, '--all'],
    { environment: { AUTOSSL_ROOT: built.root } },
  );
  if (code !== 0) throw new Error(`exit ${code}: ${output}`);
  const folder = built.path('/var/cpanel/ssl/apache_tls');
  const websites = readdirSync(folder).filter((vhost) => existsSync(join(folder, vhost, 'combined'))).length;
  if (websites !== names.size) throw new Error(`${websites} certificates for ${names.size} websites`);
  const facts = { websites, names: [...names.values()].flat().length, ms, cpuMs, peakBytes };
  process.stdout.write(`${JSON.stringify(facts)}\n`);
} finally {
  await close();
}

async function atLocalCa(): Promise<Server> {
  const dns = await startEmbeddedDns([...names.values()].flat().map((name) => [name, { A: ['127.0.0.1'] }]));
  const [httpPort = 0, httpsPort = 0] = await freePorts(2);
  const builder = aTree()
    .autosslJson({ _schema_version: 1, provider: 'LocalCA', provider_properties: {}, metadata: {} })
    .settings({
      resolvers: [dns.server],
      http: { port: httpPort, httpsPort, privateNetworks: LOOPBACK },
      webServer: { reloadCommand: [process.execPath, '--version'] },
    });
  for (const [name, spec] of accounts) builder.account(name, spec);
  const tree = builder.build();
  const web = await startEmbeddedWeb({ tree: tree.tree, httpPort, httpsPort });
  return {
    built: tree,
    close: async () => {
      await web.close();
      await dns.close();
      await tree.cleanUp();
    },
  };
}

async function atPebble(): Promise<Server> {
  const site = await startCaSite();
  try {
    const settings = { limits: { newOrdersPer3Hours: Number(count) } };
    const hosted = await site.host(Object.fromEntries(accounts), { settings });
    const chosen = await site.choose(hosted);
    if (chosen.exitCode !== 0) throw new Error(chosen.stderr);
    return { built: hosted, close: () => site.stop() };
  } catch (error) {
    await site.stop();
    throw error;
  }
}
