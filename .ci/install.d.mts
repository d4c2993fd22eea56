export interface AptAnswer {
  readonly code: number;
  readonly output: string;
}
export function describeMachine(): {
  readonly uid: number;
  readonly isDebian: boolean;
  readonly pid1: string;
  readonly isCi: boolean;
};
export function installMissingParts(
  say: (line: string) => void,
  logPath: string,
): Promise<{
  readonly missing: readonly string[];
  readonly missed: readonly string[];
  readonly why: string | undefined;
}>;
export function installPackages(
  packages: readonly string[],
  apt: (...words: readonly string[]) => Promise<AptAnswer>,
  say: (line: string) => void,
  holdDaemonsBack?: <Result>(work: () => Promise<Result>) => Promise<Result>,
): Promise<string | undefined>;
