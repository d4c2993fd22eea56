export interface Phase {
  readonly name: string;
  readonly files: readonly string[];
}
export function findTestFiles(root: string): readonly string[];
export function phasesOf(
  files: readonly string[],
  options?: { readonly isQuick?: boolean; readonly filters?: readonly string[] },
): readonly Phase[];
