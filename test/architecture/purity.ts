import { bareSource } from './source-text.js';

/** What core may not say: pattern in its code (comments and strings apart) → why. */
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\s*\.\s*now\b/, 'reads the clock: take the instant as a value'],
  [/\bnew\s+Date\s*(\(\s*\)|(?![\s(\w.]))/, 'reads the clock: take the instant as a value'],
  [/(?<!\bnew\s)(?<![.\w$])Date\s*\(/, 'reads the clock: take the instant as a value'],
  [/\b(performance\s*\.|hrtime\b|Temporal\s*\.\s*Now\b)/, 'reads the clock: take the instant as a value'],
  [/\b(setTimeout|setInterval|setImmediate)\b/, 'waits: that is a run’s job'],
  [/\bMath\s*\.\s*random\b/, 'draws: take randomness as a value'],
  [
    /\b(randomBytes|randomUUID|randomInt|randomFill(Sync)?|getRandomValues|generateKey(Pair)?(Sync)?|generatePrime(Sync)?)\b/,
    'draws: take randomness as a value',
  ],
  [/(?<![.\w$'])process\s*(\.|\[)/, 'looks at the process: take it as a value'],
  [/\bglobalThis\b/, 'reaches around the imports'],
  [/(?<![.\w$])(fetch|XMLHttpRequest|WebSocket)\s*\(/, 'touches the network'],
  [/(?<![.\w$])console\s*\./, 'prints: give back an event'],
  [
    /\.\s*(get|set)(FullYear|Month|Date|Day|Hours|Minutes|Seconds|TimezoneOffset)\s*\(/,
    'depends on the time zone: use the UTC form',
  ],
  [/\.\s*(toLocale\w*|localeCompare)\s*\(/, 'depends on the locale: compare and print by code'],
];

/** X.509 libraries give promises; everything above them is synchronous. */
const ASYNCHRONOUS = /(?<![.\w$])(async|await)\b(?!\s*:)/;
const MAY_AWAIT = /^src\/core\/certificate\//;

/** Places in a file of core that read, draw, wait or depend on where they run. */
export function findImpurities(
  source: string,
  file: string,
): readonly { readonly line: number; readonly what: string }[] {
  const rules = MAY_AWAIT.test(file) ? IMPURE : [...IMPURE, [ASYNCHRONOUS, 'core is synchronous'] as const];
  return bareSource(source, { keepStrings: false })
    .split('\n')
    .flatMap((text, index) =>
      rules
        .filter(([pattern]) => pattern.test(text))
        .map(([pattern, why]) => ({ line: index + 1, what: `${pattern.exec(text)?.[0].trim()} ${why}` })),
    );
}
