import { printable } from '../domain/name/names.js';
import type { SaidChoice } from './choice.js';

/** The command by which a choice is made. */
export type ChoiceVerb = 'use' | 'register' | 'reset';

/**
 * The command that says the same once more with the terms accepted: nothing of what was said is kept until it is done. Ready to
 * be typed.
 */
export function commandAccepting(terms: string, verb: ChoiceVerb, said: SaidChoice): string {
  const hmac = said.eabHmacPath;
  const options: readonly (readonly [option: string, value: string | null | undefined])[] = [
    ['--accept-terms', terms],
    ['--directory', said.directoryUrl],
    ['--ca-bundle', said.caBundlePath],
    ['--eab-kid', said.eabKeyId],
    ['--eab-hmac', hmac && `file:${hmac}`],
    ['--profile', said.profile],
    ['--fallback', verb === 'use' ? fallbackWord(said.fallbacks) : undefined],
    ...Object.entries(said.properties ?? {}).map(
      ([name, value]) => ['--set', `${name}=${value ?? ''}`] as const,
    ),
  ];
  const words = options.flatMap(([option, value]) =>
    value === undefined ? [] : [option, shellWord(printable(value ?? ''))],
  );
  return ['autossl provider', verb, said.name, ...words].join(' ');
}

function fallbackWord(names: readonly string[] | undefined): string | undefined {
  return names?.length === 0 ? 'none' : names?.join(',');
}

function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
