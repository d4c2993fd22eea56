import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accountingOf } from '../support/ca-accounting.js';
import { type Hosting, startHosting } from '../support/hosting.js';
import { leftoversIn } from '../support/leftovers.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';
import { faultsOfServedSet } from '../support/served-set.js';
import { buildPrograms, runProgram, startProgram } from '../support/started-program.js';
import { aTree, type BuiltTree } from '../support/tree-builder.js';

const KILLS = process.env['LONG'] === '1' ? 100 : 20;
/** Trees under way at once: half of a run is waiting for the CA. */
const LANES = 3;
const WEBSITES = 10;
const LONGEST_MS = 300_000;

/** One server of its own: ten accounts with a website each, below `.<name>.test`. */
interface Server {
  readonly suffix: string;
  readonly built: BuiltTree;
  readonly names: ReadonlyMap<string, readonly string[]>;
}

describeWithParts('kill -9 of a whole run, then a run again', ['pebble'], () => {
  let hosting: Hosting;
  let root: string;
  const built: BuiltTree[] = [];
  beforeAll(async () => {
    buildPrograms();
    hosting = await startHosting({ nonceReject: 20 });
    root = await hosting.pebble.root();
  }, LONGEST_MS);
  afterAll(async () => {
    await hosting?.stop();
    for (const one of built) await one.cleanUp();
  });

  function aServer(name: string, method: 'shared-folder' | 'account-folder', websites = WEBSITES): Server {
    const suffix = `.${name}.test`;
    const builder = hosting.settle(aTree(), { trustAnchors: '/etc/roots.pem', challenges: { method } });
    builder.file('/etc/roots.pem', root);
    const names = new Map<string, readonly string[]>();
    const hosts: [string, { vhost: string; documentRoot: string | null }][] = [];
    for (let index = 0; index < websites; index += 1) {
      const domain = `site${index}${suffix}`;
      const account = `user${index}`;
      builder.account(account, { domain, keyType: index === 0 ? 'rsa-2048' : 'ecdsa-prime256v1' });
      const all = [domain, `www.${domain}`, `mail.${domain}`];
      names.set(domain, all);
      const documentRoot = method === 'shared-folder' ? null : `/home/${account}/public_html`;
      for (const host of all) hosts.push([host, { vhost: domain, documentRoot }]);
    }
    const tree = builder.build();
    built.push(tree);
    hosting.serve(suffix, tree, hosts);
    return { suffix, built: tree, names };
  }

  const check = ({ built: { root: tree } }: Server) => runProgram('autossl_check', ['--all'], tree);

  /** Everything that a server that was killed `kills` times must fulfil after the next run, as lines of complaint. */
  function faultsOf(server: Server, kills: number): string[] {
    const faults = [...server.names].flatMap(([vhost, names]) =>
      faultsOfServedSet(server.built, vhost, names, root),
    );
    for (const path of leftoversIn(server.built)) faults.push(`left over: ${path}`);
    const { placed, finalized, wasted, recorded } = accountingOf(
      hosting.proxy.requests,
      server.suffix,
      server.built,
    );
    if (finalized.join() !== recorded.join()) {
      faults.push(`issued ${finalized.length}, recorded ${recorded.length}`);
    }
    if (wasted.length > kills) faults.push(`${wasted.length} orders wasted by ${kills} kills`);
    if (placed.length > server.names.size + kills) faults.push(`${placed.length} orders placed`);
    return faults;
  }

  test(
    `at ${KILLS} seeded random moments (seed ${TEST_SEED}): every website has its pair, nothing issued is lost`,
    async () => {
      const method = (index: number) => (index % 2 === 0 ? 'shared-folder' : 'account-folder');
      const clean = await Promise.all(
        Array.from({ length: LANES }, (_, lane) => check(aServer(`clean${lane}`, method(lane)))),
      );
      expect(clean.map(({ exitCode }) => exitCode)).toEqual(clean.map(() => 0));
      const durationMs = Math.min(...clean.map((end) => end.durationMs));
      const chance = seededChance();
      // One moment in each of as many equal parts of a run, so that no part is missed.
      const moments = Array.from({ length: KILLS }, (_, part) => ((part + chance()) / KILLS) * durationMs);
      const told: string[] = [];
      const faults: string[] = [];
      let interrupted = 0;
      const lane = async (): Promise<void> => {
        for (let index = KILLS - moments.length; moments.length > 0; index = KILLS - moments.length) {
          const moment = moments.shift() ?? 0;
          const server = aServer(`kill${index}`, method(index));
          const program = startProgram('autossl_check', ['--all'], server.built.root);
          await new Promise((resolve) => setTimeout(resolve, moment));
          program.signal('SIGKILL');
          const killed = await program.ended;
          if (killed.exitCode === null) interrupted += 1;
          const next = await check(server);
          const third = await check(server);
          const where = `kill ${index} at ${Math.round(moment)} ms: `;
          const { wasted } = accountingOf(hosting.proxy.requests, server.suffix, server.built);
          told.push(`${where}next run ${next.durationMs} ms, ${wasted.length} wasted`);
          const found = faultsOf(server, 1);
          if (next.exitCode !== 0 || found.length > 0)
            found.push(`exit ${next.exitCode}: ${next.stdout}${next.stderr} ${server.built.root}`);
          if (!third.stdout.includes('nothing to do')) found.push(`third run: ${third.stdout}`);
          faults.push(...found.map((fault) => where + fault));
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      process.stderr.write(`clean run ${durationMs} ms; ${interrupted} interrupted\n${told.join('\n')}\n`);
      expect(faults).toEqual([]);
      expect(interrupted).toBeGreaterThanOrEqual(KILLS * 0.8);
    },
    LONGEST_MS,
  );
});
