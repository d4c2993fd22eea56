export interface Measured {
  readonly code: number | null;
  readonly why: string | undefined;
  readonly output: string;
  readonly peakBytes: number | null;
  readonly cpuMs: number | null;
  readonly ms: number;
}
export function measure(
  program: string,
  words: readonly string[],
  options?: { readonly environment?: NodeJS.ProcessEnv; readonly timeoutMs?: number },
): Promise<Measured>;
export function summarize(numbers: readonly number[]): {
  readonly min: number;
  readonly median: number;
  readonly max: number;
};
export function parsePeak(status: string): number | null;
export function parseCpu(stat: string): number | null;
