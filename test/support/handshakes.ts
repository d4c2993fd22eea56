import { buildChildProgram, Child } from './child-program.js';

export interface HandshakePlace {
  /** For SNI. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** A process of its own that sees which certificates are served. */
export class Handshaker {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start(): Promise<Handshaker> {
    return new Handshaker(new Child(await buildChildProgram('handshaker'), []));
  }

  /** What it is shown at each place: the leaf's SHA-256 in lower-case hex, or the code of what went wrong. One call at a time. */
  async shownAt(places: readonly HandshakePlace[]): Promise<readonly string[]> {
    this.#child.say(JSON.stringify(places));
    return JSON.parse(await this.#child.line());
  }

  async stop(): Promise<void> {
    await this.#child.kill();
  }
}
