import type { ChallengeMethod } from '../domain/challenge-method.js';
import type { FaultSide } from '../domain/fault-side.js';
import { ipVersion } from '../domain/name/ip-version.js';
import { parseIpIdentifier } from '../domain/name/names.js';
import { classifyProblem } from './classification.js';
import { problemCode } from './problem-type.js';
import type { AcmeProblem, Identifier } from './resources.js';

/** A name that the CA (or we, before it) would not accept in an order, and why. */
export interface FailedName {
  readonly name: string;
  /** The short ACME error type, or a code of ours in capitals. */
  readonly code: string;
  /** The CA's words, unescaped. */
  readonly detail: string;
  /** Who can mend it; absent = the name's owner. */
  readonly fault?: FaultSide;
  /** By which the CA tried it; absent = http-01, or not at all. */
  readonly method?: ChallengeMethod;
}

/** Whether a failed name's code is ours: then no CA counted the failure. CAs' types are in camel case. */
export function isCodeOfOurs(code: string): boolean {
  return /^[A-Z][A-Z_]+$/.test(code);
}

/** Types whose text names one identifier at CAs that send no subproblems. */
const NAMES_ONE_IDENTIFIER = new Set(['rejectedIdentifier', 'unsupportedIdentifier', 'caa']);

/**
 * Those of `names` that the problem itself blames: by subproblem, by its identifier, or, for a rejected identifier and
 * CAA at CAs that send neither, by the one name that its text quotes. Never a name that was not asked for; trouble of the
 * CA's own and rate limits blame nobody.
 */
export function namesToDrop(problem: AcmeProblem, names: readonly string[]): readonly FailedName[] {
  const found = new Map<string, FailedName>();
  for (const part of [...problem.subproblems, problem]) {
    if (classifyProblem(part, 'validation') !== 'fix-your-input') continue;
    const name = part.identifier === null ? undefined : nameOf(part.identifier, names);
    if (name === undefined || found.has(name)) continue;
    found.set(name, { name, code: problemCode(part), detail: part.detail });
  }
  if (
    found.size === 0 &&
    problem.subproblems.length === 0 &&
    NAMES_ONE_IDENTIFIER.has(problemCode(problem))
  ) {
    const quoted = names.filter((name) => mentions(problem.detail, name));
    const [only] = quoted;
    if (only !== undefined && quoted.length === 1)
      found.set(only, { name: only, code: problemCode(problem), detail: problem.detail });
  }
  return [...found.values()];
}

/** The ordered name that an identifier stands for; CAs name a wildcard with or without its `*.`. */
export function nameOf(
  identifier: Identifier,
  names: readonly string[],
  isWildcard = false,
): string | undefined {
  const value = canonicalValue(identifier);
  const exact = isWildcard && !value.startsWith('*.') ? `*.${value}` : value;
  return names.find((name) => name === exact) ?? names.find((name) => name === `*.${value}`);
}

/** CAs may write an IPv6 address at length. */
function canonicalValue({ type, value }: Identifier): string {
  return type === 'ip' && ipVersion(value) !== 0 ? parseIpIdentifier(value) : value.toLowerCase();
}

function mentions(text: string, name: string): boolean {
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(name); at !== -1; at = lower.indexOf(name, at + 1)) {
    const before = lower[at - 1] ?? ' ';
    const after = lower.slice(at + name.length, at + name.length + 2);
    // A sentence may end right after the name: a dot counts as part of it only before another label.
    if (!/[a-z0-9.*_-]/.test(before) && !/^(?:[a-z0-9_-]|\.[a-z0-9_-])/.test(after)) return true;
  }
  return false;
}
