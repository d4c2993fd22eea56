export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
  readonly skippedSuites: readonly string[];
}
export interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly ancestorTitles: readonly string[];
    }[];
  }[];
}
export const emptyTally: Tally;
export function tallyOf(report: JestReport): Tally;
export function tallyOfCrash(phase: string, why: string): Tally;
export function addTallies(one: Tally, other: Tally): Tally;
export function countsLine(tally: Tally): string;
