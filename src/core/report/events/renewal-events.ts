import { printable } from '../../domain/name/names.js';
import { counted } from '../text/wording.js';
import type { RunEvent } from './event.js';

/** What asking CAs when to replace their certificates came to. */
export interface AskedRenewals {
  /** Certificates that an answer came for, of use or not. */
  readonly asked: number;
  /** Of these, those with another window than before. */
  readonly changed: number;
  /** Of these, those that are to be replaced at once. */
  readonly calledBack: number;
  readonly failed: readonly { readonly directoryUrl: string; readonly count: number; readonly why: string }[];
}

/** One line, and one for each CA that gave no answer of use: what was known holds, so that it is nobody's fault here. */
export function renewalsAsked({ asked, changed, calledBack, failed }: AskedRenewals): RunEvent[] {
  const back =
    calledBack === 0
      ? ''
      : ` ${counted(calledBack, 'certificate')} to be replaced at once, the provider says.`;
  return [
    {
      type: calledBack > 0 ? 'warn' : 'out',
      code: 'RENEWAL_INFO_ASKED',
      indent: 0,
      contents: `Asked when to renew ${counted(asked, 'certificate')}: ${changed === 0 ? 'nothing new' : `news of ${changed}`}.${back}`,
      data: { asked, changed, calledBack },
    },
    ...failed.map(
      ({ directoryUrl, count, why }): RunEvent => ({
        type: 'warn',
        code: 'RENEWAL_INFO_UNKNOWN',
        indent: 0,
        contents: `${new URL(directoryUrl).host} did not say when to renew ${counted(count, 'certificate')}: ${printable(why)}. What was known holds.`,
      }),
    ),
  ];
}

/** Records of what is asked about were damaged: it is asked anew. */
export function renewalInfoDamaged(path: string): RunEvent {
  return {
    type: 'warn',
    code: 'RENEWAL_INFO_DAMAGED',
    indent: 0,
    contents: `${printable(path)} cannot be read and counts as empty: its certificates are asked about anew.`,
  };
}

/** What CAs said could not be written down. */
export function renewalInfoNotKept(why: string): RunEvent {
  return {
    type: 'warn',
    code: 'RENEWAL_INFO_NOT_KEPT',
    indent: 0,
    contents: `When providers want certificates to be renewed could not be noted: ${printable(why)}. It is asked again.`,
  };
}
