import { isServersOwn } from '../../domain/account/hostname-owner.js';
import { printable } from '../../domain/name/names.js';
import type { WebsiteRef } from '../../domain/website/website.js';
import { quoted } from '../text/wording.js';
import type { RunEvent } from './event.js';

/** Code of a name for which a CA takes no orders before a person ended that. */
export const NAME_PAUSED = 'NAME_PAUSED';

/** For whoever owns the name: what ends a pause is the administrator's alone. */
const MEND = 'Mend what the provider could not validate; the server’s administrator then ends the pause.';

/**
 * A name that its CA has paused after failures without end: no run of ours ends that. The page on which a person does is the
 * administrator's, and stands in no text that owners read. `again`: when it is asked for all the same.
 */
export function namePaused(website: WebsiteRef, name: string, again: Date, unpauseUrl: string): RunEvent[] {
  const { account, vhost } = website;
  const url = printable(unpauseUrl);
  const ref = { account, vhost, name };
  return [
    {
      type: 'warn',
      code: NAME_PAUSED,
      indent: 1,
      ...ref,
      fault: 'owner',
      contents: `${quoted(name)} is paused: the provider takes no orders for it until a person ends that; asked for again from ${again.toISOString()} on.`,
      data: {
        retryAt: again.toISOString(),
        unpauseUrl: url,
        advice: isServersOwn(website)
          ? `Mend what the provider could not validate, then end the pause at ${url}`
          : MEND,
      },
    },
    { type: 'out', code: 'ADVICE', indent: 2, ...ref, contents: `A person ends the pause at ${url}` },
  ];
}
