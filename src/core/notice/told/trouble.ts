import { hash } from 'node:crypto';
import type { NoticeFinding, NoticeName } from '../finding.js';
import { matterOf, urgencyOf } from './matter.js';
import type { NoticeMatter, Urgency } from './told-record.js';

/** What a run found of one website in one matter: one thing to tell. */
export interface Trouble extends NoticeFinding {
  readonly matter: NoticeMatter;
  readonly situation: string;
  readonly urgency: Urgency;
}

/** Findings of one website in one matter as one. The list has at least one. */
export function troubleOf(findings: readonly [NoticeFinding, ...NoticeFinding[]], now: Date): Trouble {
  const [first] = findings;
  const names = new Map<string, NoticeName>();
  for (const one of findings)
    for (const name of one.names) if (!names.has(name.name)) names.set(name.name, name);
  const merged = {
    ...first,
    names: [...names.values()],
    deadlineAt: earliest(findings.map(({ deadlineAt }) => deadlineAt)),
    nextAttemptAt: earliest(findings.map(({ nextAttemptAt }) => nextAttemptAt)),
  };
  return {
    ...merged,
    matter: matterOf(first.kind),
    situation: situationOf(merged),
    urgency: urgencyOf(merged, now),
  };
}

/**
 * What a person would call the same situation: the names that are affected and why; without names, why. Nothing that passes
 * with time.
 */
export function situationOf(finding: Pick<NoticeFinding, 'kind' | 'names' | 'because'>): string {
  const names = finding.names.map(({ name, code }) => `${name} ${code}`).sort();
  const parts = names.length > 0 ? names : [finding.because.code];
  return hash('sha256', [matterOf(finding.kind), ...parts].join('\n'), 'hex').slice(0, DIGEST_LENGTH);
}

/** 64 bits: a website has a handful of situations in its life. */
const DIGEST_LENGTH = 16;

function earliest(instants: readonly (Date | null)[]): Date | null {
  const known = instants.filter((one) => one !== null);
  return known.length === 0 ? null : new Date(Math.min(...known.map((one) => one.getTime())));
}
