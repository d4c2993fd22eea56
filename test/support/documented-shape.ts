/**
 * What of a documented sample is missing in an answer, or of another kind: members that are not there, numbers in the place
 * of texts. Values are not compared, further members are allowed; of a sample's list the first item stands for all. A
 * sample's `null` stands for anything.
 */
export function shapeFaults(sample: unknown, answer: unknown, path = '$'): string[] {
  if (sample === null) return [];
  if (kindOf(sample) !== kindOf(answer)) return [`${path}: ${kindOf(answer)} instead of ${kindOf(sample)}`];
  if (Array.isArray(sample) && Array.isArray(answer)) {
    if (sample.length > 0 && answer.length === 0) return [`${path}: empty`];
    return answer.flatMap((item, index) =>
      sample.length === 0 ? [] : shapeFaults(sample[0], item, `${path}[${index}]`),
    );
  }
  if (typeof sample !== 'object' || typeof answer !== 'object' || answer === null) return [];
  const members = answer as Record<string, unknown>;
  return Object.entries(sample).flatMap(([name, value]) =>
    Object.hasOwn(members, name)
      ? shapeFaults(value, members[name], `${path}.${name}`)
      : [`${path}.${name}: missing`],
  );
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}
