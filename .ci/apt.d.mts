export interface AptPlan {
  readonly installs: readonly string[];
  readonly upgrades: readonly string[];
  readonly removals: readonly string[];
}
export function parseSimulation(text: string): AptPlan;
export function areListsLacking(text: string): boolean;
export function refusalOfMachine(machine: {
  readonly uid: number;
  readonly isDebian: boolean;
  readonly pid1: string;
  readonly isCi: boolean;
}): string | undefined;
export function refusalOfPlan(plan: AptPlan): string | undefined;
export function packagesOf(
  missingParts: readonly string[],
  parts: Readonly<Record<string, { readonly package: string | null }>>,
): readonly string[];
