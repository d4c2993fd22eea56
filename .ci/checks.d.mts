export type Check = () => Promise<string | undefined>;
export function runQuietly(
  program: string,
  words: readonly string[],
  options?: { readonly cwd?: string },
): Promise<{ readonly code: number | null; readonly output: string }>;
export function cruisedModules(output: string): number;
export function checksOf(root: string): Readonly<Record<string, Check>>;
