import { buildChildProgram, Child } from './child-program.js';

/** A website as its visitors reach it, by http and https. */
export interface VisitedSite {
  readonly name: string;
  readonly address: string;
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** What became of the requests so far. */
export interface VisitCount {
  readonly ok: number;
  readonly lost: number;
  /** `https NAME: CODE` → how often. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** Visitors at a time: few, so that they leave the machine to the servers, yet never none. */
const VISITORS = 4;

/** People who look at websites all the time, in a process of their own, each request over a connection of its own. */
export class Visitors {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  /** Resolves when they have begun. */
  static async start(sites: readonly VisitedSite[]): Promise<Visitors> {
    const script = await buildChildProgram('visitors');
    const child = new Child(script, [JSON.stringify(sites), String(VISITORS)]);
    await child.line();
    return new Visitors(child);
  }

  async count(): Promise<VisitCount> {
    this.#child.say('count');
    return JSON.parse(await this.#child.line());
  }

  /** Lets them end once they have made so many requests. */
  async end(leastRequests: number): Promise<VisitCount> {
    this.#child.say(`stop ${leastRequests}`);
    return JSON.parse(await this.#child.line());
  }

  async kill(): Promise<void> {
    await this.#child.kill();
  }
}
