import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Tree } from '../../../src/adapters/system/tree.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { Handshaker } from '../handshakes.js';
import { installedSet } from '../installed-set.js';
import { freePorts } from '../ports.js';
import { NginxRig } from '../server-rigs.js';
import type { BuiltTree } from '../tree-builder.js';

/** What a reload takes at most, however busy the machine is. */
const RELOADED_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 20;

/** One nginx that is given the websites of one tree after the other, each tree at an address of its own. */
export class ServingNginx {
  readonly #rig: NginxRig;
  readonly #handshaker: Handshaker;
  readonly #port: number;
  /** The last of those who wait for it. */
  #turn: Promise<unknown> = Promise.resolve();
  #served = 0;

  private constructor(rig: NginxRig, handshaker: Handshaker, port: number) {
    this.#rig = rig;
    this.#handshaker = handshaker;
    this.#port = port;
  }

  /** `pair`: what it serves until it is given something. */
  static async start(pair: string): Promise<ServingNginx> {
    const [port = 0] = await freePorts(1);
    const rig = new NginxRig();
    rig.site('before', `127.0.0.1:${port} ssl`, pair);
    await rig.start(port);
    return new ServingNginx(rig, await Handshaker.start(), port);
  }

  /** How many handshakes showed what they should. */
  get served(): number {
    return this.#served;
  }

  /** What visitors of these websites are not shown that lies in their `combined`; `number`: of the tree, each once. */
  faultsOfServing(
    built: BuiltTree,
    root: string,
    vhosts: readonly string[],
    number: number,
  ): Promise<string[]> {
    const turn = this.#turn.then(() => this.#faultsOfServing(built, new Tree(root), vhosts, number));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #faultsOfServing(
    built: BuiltTree,
    tree: Tree,
    vhosts: readonly string[],
    number: number,
  ): Promise<string[]> {
    if (vhosts.length === 0) return [];
    const address = `127.77.${number >> 8}.${number & 255}`;
    rmSync(join(this.#rig.folder, this.#rig.sitesFolder), { recursive: true });
    for (const vhost of vhosts)
      this.#rig.site(vhost, `${address}:${this.#port} ssl`, tree.combined(parseHostName(vhost)));
    try {
      const { program, arguments: words } = this.#rig.settings();
      execFileSync(program ?? '', [...words, '-t'], { stdio: 'pipe' });
      this.#rig.reload();
    } catch (error) {
      return [`nginx does not take it: ${String(error)}`];
    }
    const places = vhosts.map((name) => ({ name, address, port: this.#port }));
    const deadline = Date.now() + RELOADED_WITHIN_MS;
    let shown = await this.#handshaker.shownAt(places);
    // Nobody listens at that address before the reload.
    while (shown.includes('ECONNREFUSED') && Date.now() < deadline) {
      await pause(LOOK_AGAIN_MS);
      shown = await this.#handshaker.shownAt(places);
    }
    return vhosts.flatMap((vhost, index) => {
      const { leaf } = installedSet({ ...built, tree }, vhost);
      const print = leaf.fingerprint256.replaceAll(':', '').toLowerCase();
      if (shown[index] !== print) return [`${vhost} is shown ${shown[index]} instead of ${print}`];
      this.#served += 1;
      return [];
    });
  }

  async stop(): Promise<void> {
    await this.#handshaker.stop();
    await this.#rig.stop();
  }
}
