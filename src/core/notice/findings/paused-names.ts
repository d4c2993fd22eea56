import type { NoticeFinding } from '../finding.js';
import type { NameTroubles } from './name-trouble.js';
import type { WebsiteFacts } from './website-facts.js';

/** Names of a website that its CA has paused: nothing but a person ends that. Null: there are none. */
export function pausedFinding(
  facts: WebsiteFacts,
  certificate: NoticeFinding['certificate'],
  names: NameTroubles,
): NoticeFinding | null {
  const paused = names
    .all()
    .map((name) => names.of(name))
    .filter(({ unpauseUrl }) => unpauseUrl !== undefined);
  if (paused.length === 0) return null;
  return {
    kind: 'notify_autossl_paused_names',
    account: facts.account,
    vhost: facts.vhost,
    certificate,
    names: paused,
    because: { code: 'NAME_PAUSED', text: 'The provider takes no orders for them.' },
    deadlineAt: null,
    nextAttemptAt: null,
  };
}
