import { type AccountSpec, automaticSubdomain } from './tree-builder.js';

/** The names that each website of an account wants where service names are off, exclusions left aside; by vhost. */
export function wantedNames(spec: AccountSpec): ReadonlyMap<string, readonly string[]> {
  const apex = (name: string): string[] => [name, `www.${name}`, `mail.${name}`];
  const alone = (name: string): string[] => [name, `www.${name}`];
  return new Map([
    [spec.domain, [spec.domain, ...(spec.aliases ?? [])].flatMap(apex)],
    ...(spec.addons ?? []).map((addon): [string, string[]] => {
      const sub = automaticSubdomain(addon, spec.domain);
      return [sub, [...alone(sub), ...apex(addon)]];
    }),
    ...(spec.subs ?? []).map((sub): [string, string[]] => [sub, alone(sub)]),
  ]);
}
