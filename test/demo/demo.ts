import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type EmbeddedDns, startEmbeddedDns } from '../support/embedded-dns.js';
import { type EmbeddedWeb, startEmbeddedWeb } from '../support/embedded-web.js';
import type { BuiltTree } from '../support/tree-builder.js';
import { placeAgeingCertificate } from './ageing-certificate.js';
import { buildDemoTree, DEMO_WEBSITES, dnsNamesOfTheDemo } from './demo-tree.js';
import { runProgram } from './program.js';
import { type Installed, proveCertificate } from './proof.js';

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * The main job from end to end without network, daemon or privilege: an embedded resolver and web server on free
 * ports, named in the demo tree's own settings, and the local CA, which signs only after its own HTTP-01 fetch.
 * Gives the exit code.
 */
export async function runDemo(bin: string): Promise<number> {
  const built = buildDemoTree();
  const dns = await startEmbeddedDns(dnsNamesOfTheDemo().map((name) => [name, { A: ['127.0.0.1'] }]));
  const web = await startEmbeddedWeb({ tree: built.tree, websites: DEMO_WEBSITES });
  try {
    writeSettings(built, dns, web);
    return await play(bin, built, web);
  } finally {
    await web.close();
    await dns.close();
  }
}

async function play(bin: string, built: BuiltTree, web: EmbeddedWeb): Promise<number> {
  say(`tree: ${built.root}`);
  say();
  await step(bin, built, 'autossl', ['provider', 'use', 'LocalCA']);
  await placeAgeingCertificate(built);
  await step(bin, built, 'autossl_check', ['--all', '--dry-run']);

  const first = await step(bin, built, 'autossl_check', ['--all', '--json'], true);
  const installed = (JSON.parse(first) as { installed: Installed[] }).installed;
  say(`${installed.length} certificates installed; each is proved:`);
  for (const certificate of installed) say(`  ${await proveCertificate(certificate, built, web.httpsPort)}`);
  say();

  const orders = web.requests.length;
  const second = await step(bin, built, 'autossl_check', ['--all']);
  if (!second.includes('nothing to do')) throw new Error('the second run found something to do');
  const again = web.requests
    .slice(orders)
    .filter((request) => request.includes('/.well-known/acme-challenge/'));
  say(
    `The second run ordered nothing (${again.length} challenge requests for names that the certificates lack).`,
  );
  say(`tree: ${built.root}`);
  return 0;
}

/** Runs a program of ours on the demo tree and shows command and output. @throws when it does not exit 0 */
async function step(
  bin: string,
  built: BuiltTree,
  program: string,
  words: string[],
  isQuiet = false,
): Promise<string> {
  say(`$ ${program} ${words.join(' ')}`);
  const result = await runProgram(`${bin}/${program}`, words, built.root);
  if (!isQuiet) process.stdout.write(result.stdout);
  process.stderr.write(result.stderr);
  if (result.exitCode !== 0) throw new Error(`${program} ${words.join(' ')} exited with ${result.exitCode}`);
  say();
  return result.stdout;
}

/** The demo tree's own /etc/autossl.yaml. */
function writeSettings(built: BuiltTree, dns: EmbeddedDns, web: EmbeddedWeb): void {
  const path = built.path('/etc/autossl.yaml');
  mkdirSync(dirname(path), { recursive: true });
  const lines = [
    'resolvers:',
    `  - ${dns.server}`,
    'http:',
    `  port: ${web.httpPort}`,
    `  httpsPort: ${web.httpsPort}`,
    'webServer:',
    '  # The embedded web server reads certificates afresh; a real one is reloaded here.',
    `  reloadCommand: [${process.execPath}, --version]`,
    'trustAnchors: /etc/ssl/roots.pem',
  ];
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
}
