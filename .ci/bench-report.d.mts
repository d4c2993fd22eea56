/** Of one run: `Measured` of measure.d.mts has it. */
export interface RunFigures {
  readonly ms: number;
  readonly cpuMs: number | null;
  readonly peakBytes: number | null;
}
export interface MeasuredProgram {
  readonly name: string;
  readonly measured: readonly RunFigures[];
}
export const MAX_TIMES_FLOOR: number;
export const MIN_TIMES_FASTER: number;
export const MAX_PEAK_BYTES: number;
export const MAX_TIMES_NODE: number;
export const MAX_TIMES_NODE_WITH_WORK: number;
export function tableOf(programs: readonly MeasuredProgram[], websites: number): string[];
export function verdictsOf(rounds: {
  readonly floor: readonly RunFigures[];
  readonly ours: readonly RunFigures[];
  readonly certbot?: readonly RunFigures[] | undefined;
}): string[];
export function startsOf(
  node: readonly RunFigures[],
  programs: readonly MeasuredProgram[],
  aim?: number,
): string[];
export function growthOf(websites: number, peakBytes: number | null, twicePeakBytes: number | null): string[];
export function installsOf(
  servers: readonly {
    readonly name: string;
    readonly servedMs: readonly number[];
    readonly reloadMs: readonly number[];
  }[],
): string[];
export const MAX_PREFLIGHT_MS: number;
export interface PreflightFigures {
  readonly ms: number;
  /** Names by `passed` or failure code. */
  readonly outcomes: Readonly<Record<string, number>>;
}
export function preflightOf(figures: {
  readonly names: number;
  readonly delayMs: number;
  readonly floorMs: number;
  readonly alive: PreflightFigures;
  readonly dead: PreflightFigures;
  readonly sockets: number;
  readonly toOneAddress: number;
  readonly lookups: number;
}): string[];
export function ratioOf(above: readonly RunFigures[], below: readonly RunFigures[]): number;
export function peakOf(measured: readonly RunFigures[]): number | null;
