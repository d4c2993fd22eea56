import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputFileSync } from 'fs-extra/esm';
import { type EmbeddedDns, startEmbeddedDns } from '../support/embedded-dns.js';
import { type EmbeddedWeb, startEmbeddedWeb } from '../support/embedded-web.js';
import type { BuiltTree } from '../support/tree-builder.js';
import { placeAgeingCertificate } from './ageing-certificate.js';
import { buildDemoTree } from './demo-tree.js';
import { runProgram } from './program.js';
import { fingerprintsOf, hasOpenssl, proveWebsite } from './proof.js';
import { DEMO_WEBSITES, resolvableNames, servedWebsites } from './websites.js';

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * The main job from end to end without network, daemon or privilege: an embedded resolver and web server on free
 * ports, named in the demo tree's own settings, and the local CA, which signs only after its own HTTP-01 fetch.
 * Gives the exit code. @param bin folder of the programs
 */
export async function runDemo(bin: string): Promise<number> {
  endWithItsReader();
  const built = buildDemoTree();
  const dns = await startEmbeddedDns(resolvableNames().map((name) => [name, { A: ['127.0.0.1'] }]));
  const web = await startEmbeddedWeb({ tree: built.tree, websites: servedWebsites() });
  try {
    writeSettings(built, dns, web);
    await play(bin, built, web);
    return 0;
  } catch (error) {
    if (error instanceof ReaderLeft) return 0;
    process.stderr.write(`The demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await web.close();
    await dns.close();
  }
}

/** Thrown when nobody reads on. */
class ReaderLeft extends Error {}

/** `npm run demo | head`: the step under way is done, no other is begun. */
function endWithItsReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

async function play(bin: string, built: BuiltTree, web: EmbeddedWeb): Promise<void> {
  const accounts = new Set(DEMO_WEBSITES.map(({ account }) => account)).size;
  say(
    `A hosting server in a folder: ${accounts} accounts, ${DEMO_WEBSITES.length} websites; DNS, web server and CA`,
  );
  say('are embedded, on free ports of 127.0.0.1. Nothing else of this machine is touched.');
  say(`tree: ${built.root}`);
  say();
  await step(bin, built, 'autossl', ['provider', 'use', 'LocalCA']);
  await placeAgeingCertificate(built);
  await step(bin, built, 'autossl_check', ['--all', '--dry-run']);

  const before = fingerprintsOf(built);
  await step(bin, built, 'autossl_check', ['--all']);
  await showWebsites(built, web, before);

  const after = fingerprintsOf(built);
  const second = await step(bin, built, 'autossl_check', ['--all']);
  const hasChanged = DEMO_WEBSITES.some(({ vhost }) => fingerprintsOf(built).get(vhost) !== after.get(vhost));
  const orders = ordersPlaced(built);
  if (hasChanged || orders > 0 || !second.includes('nothing to do'))
    throw new Error(`the second run found something to do (${orders} orders)`);
  say('The second run: nothing to do, no order placed.');
  say(`Its log: ${newestLog(built)}/txt`);
  say(`tree: ${built.root}`);
}

/** One line a website: what was done with it, and what it shows; each is proved before its line is printed. */
async function showWebsites(
  built: BuiltTree,
  web: EmbeddedWeb,
  before: ReturnType<typeof fingerprintsOf>,
): Promise<void> {
  const useOpenssl = await hasOpenssl();
  say('What became of each website:');
  let fresh = 0;
  for (const website of DEMO_WEBSITES) {
    const names = await proveWebsite(website, before, built, { httpsPort: web.httpsPort, useOpenssl });
    const { outcome, vhost, shows } = website;
    if (['new', 'replaced', 'renewed'].includes(outcome)) fresh += 1;
    const count = names.length === 0 ? '' : `${names.length} names`;
    say(`  ${outcome.padEnd(13)}  ${vhost.padEnd(21)}  ${count.padEnd(7)}  ${shows}`);
  }
  const verified = useOpenssl
    ? 'verified by "openssl verify" against the local root'
    : 'verified by node alone against the local root (openssl is not installed)';
  say(`${fresh} new certificates, each ${verified},`);
  say('and proved by a TLS handshake for each of its names.');
  say();
}

/** Runs a program of ours on the demo tree and shows command and output. @throws when it does not exit 0 */
async function step(
  bin: string,
  built: BuiltTree,
  program: string,
  words: readonly string[],
): Promise<string> {
  if (!process.stdout.writable) throw new ReaderLeft();
  say(`$ ${program} ${words.join(' ')}`);
  const result = await runProgram(`${bin}/${program}`, words, built.root);
  process.stdout.write(result.stdout);
  process.stderr.write(result.stderr);
  if (result.exitCode !== 0) throw new Error(`${program} ${words.join(' ')} exited with ${result.exitCode}`);
  say();
  return result.stdout;
}

function newestLog(built: BuiltTree): string {
  const newest = readdirSync(built.tree.logs()).sort().at(-1) ?? '';
  return join(built.tree.logs(), newest);
}

/** Orders that the newest run placed, by its log. */
function ordersPlaced(built: BuiltTree): number {
  const lines = readFileSync(join(newestLog(built), 'json'), 'utf8').split('\n');
  return lines.filter((line) => line.includes('"ORDER_PLACED')).length;
}

/** The demo tree's own /etc/autossl.yaml. */
function writeSettings(built: BuiltTree, dns: EmbeddedDns, web: EmbeddedWeb): void {
  const path = built.path('/etc/autossl.yaml');
  const lines = [
    'resolvers:',
    `  - ${dns.server}`,
    'http:',
    `  port: ${web.httpPort}`,
    `  httpsPort: ${web.httpsPort}`,
    '  # No public CA would look at names that live here.',
    '  privateNetworks: [127.0.0.0/8]',
    'webServer:',
    '  # The embedded web server reads certificates afresh; a real one is reloaded here.',
    `  reloadCommand: [${process.execPath}, --version]`,
    'trustAnchors: /etc/ssl/roots.pem',
  ];
  outputFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
}
