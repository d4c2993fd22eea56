/** The values of an option that may be repeated, in the order of the command line. */
export function collected(value: string, all: readonly string[] = []): readonly string[] {
  return [...all, value];
}

/** The same, each of which may be several with commas between. */
export function separated(value: string, all: readonly string[] = []): readonly string[] {
  return [...all, ...value.split(',')];
}
