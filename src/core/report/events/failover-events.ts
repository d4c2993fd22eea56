import { printable, quoteForMessage } from '../../domain/name/names.js';
import type { RunEvent } from './event.js';

interface Ref {
  readonly account: string;
  readonly vhost: string;
}

/** A website is ordered for at another CA than its own. `why`: one clause without a full stop. */
export function orderedElsewhere(website: Ref, home: string, provider: string, why: string): RunEvent {
  return {
    type: 'warn',
    code: 'ORDERED_ELSEWHERE',
    indent: 1,
    account: website.account,
    vhost: website.vhost,
    contents: `${quoteForMessage(website.vhost)} goes to ${printable(provider)} instead of ${printable(home)}: ${why}.`,
    data: { provider, insteadOf: home, why },
  };
}

/** A website whose certificate another CA had to issue is its own CA's again. */
export function returnedHome(website: Ref, home: string, former: string): RunEvent {
  return {
    type: 'out',
    code: 'RETURNED_HOME',
    indent: 1,
    account: website.account,
    vhost: website.vhost,
    contents: `${quoteForMessage(website.vhost)} goes back to ${printable(home)}; its present certificate is from ${printable(former)}.`,
    data: { provider: home, former },
  };
}

/** A CA of the list cannot be used now. */
export function fallbackUnusable(provider: string, why: string): RunEvent {
  return {
    type: 'warn',
    code: 'FALLBACK_UNUSABLE',
    indent: 0,
    contents: `${printable(provider)}, which would stand in for another provider, cannot be used now: ${why}`,
    data: { provider },
  };
}
