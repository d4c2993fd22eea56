import { printable } from '../domain/name/names.js';
import type { NightlyTime } from '../plan/setup/setup-files.js';
import { SETUP_PARTS, type SetupAction, type SetupPart, type SetupStep } from '../plan/setup/setup-steps.js';

/** What is planned, or was done. */
export interface SetupSummary {
  readonly nightly: NightlyTime | null;
  readonly steps: readonly Omit<SetupStep, 'item'>[];
}

const WORDS: Readonly<Record<SetupAction, string>> = {
  make: 'make',
  replace: 'replace',
  remove: 'remove',
  keep: 'keep',
  refuse: 'CANNOT',
  leave: 'LEAVE',
  forget: 'gone',
};
const TITLES: Readonly<Record<SetupPart, string>> = {
  cron: 'Scheduled runs (--cron)',
  'cpanel-paths': 'Links for callers of the documented paths (--cpanel-paths)',
  sudoers: 'Accounts ask for themselves (--sudoers)',
};
const WORD_WIDTH = 8;

/** The steps for people, part by part. */
export function renderSetupSteps({ steps, nightly }: SetupSummary): string {
  const lines: string[] = [];
  for (const part of SETUP_PARTS) {
    const own = steps.filter((step) => step.part === part);
    if (own.length === 0) continue;
    const time = part === 'cron' && nightly !== null ? `, every night at ${clock(nightly)}` : '';
    lines.push(`${TITLES[part]}${time}:`);
    for (const { action, path, because } of own) {
      lines.push(`  ${WORDS[action].padEnd(WORD_WIDTH)} ${printable(path)}: ${printable(because)}`);
    }
  }
  return lines.length === 0 ? 'Nothing is set up.\n' : `${lines.join('\n')}\n`;
}

function clock({ hour, minute }: NightlyTime): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
