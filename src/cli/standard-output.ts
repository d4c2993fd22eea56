/** Gathered before it is written, in characters: one write for each website would cost more than judging it. */
const PIECE_LENGTH = 64 * 1024;

/** Data for stdout that nobody holds whole: waits for slow readers, goes on without one that left. */
export class StandardOutput {
  #piece = '';

  async write(text: string): Promise<void> {
    this.#piece += text;
    if (this.#piece.length >= PIECE_LENGTH) await this.flush();
  }

  async flush(): Promise<void> {
    const piece = this.#piece;
    this.#piece = '';
    const { stdout } = process;
    if (piece === '' || stdout.destroyed || stdout.write(piece)) return;
    await new Promise<void>((resolve) => {
      const ends = ['drain', 'error', 'close'] as const;
      const end = (): void => {
        for (const name of ends) stdout.off(name, end);
        resolve();
      };
      for (const name of ends) stdout.on(name, end);
    });
  }
}
