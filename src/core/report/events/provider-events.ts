import type { WebsiteRef } from '../../domain/website/website.js';
import { quoted } from '../text/wording.js';
import type { RunEvent } from './event.js';

/** A third party's provider failed at what it was told or asked; the run goes on without its word. `why`: one clause. */
export function providerHookFailed(why: string): RunEvent {
  return {
    type: 'warn',
    code: 'PROVIDER_HOOK_FAILED',
    indent: 0,
    contents: `The run goes on: ${why}.`,
  };
}

/** A name that a third party's provider says it would refuse, before it is ordered. */
export function nameDeclined(
  { account, vhost }: Pick<WebsiteRef, 'account' | 'vhost'>,
  name: string,
  errors: readonly string[],
): RunEvent {
  return {
    type: 'warn',
    code: 'PROVIDER_DECLINES_NAME',
    indent: 1,
    account,
    vhost,
    name,
    fault: 'owner',
    contents: `${quoted(name)} is left out, the provider would refuse it: ${errors.join('; ')}.`,
    data: { advice: 'Ask the provider what it wants, or exclude the name.' },
  };
}
