import { AutosslError } from '../../core/domain/autossl-error.js';
import type { KeyTypeCost } from '../../core/report/key-type-cost.js';
import { counted } from '../../core/report/text/wording.js';
import { changeKeyType } from '../../runs/manage/key-type.js';
import { startCheckOf } from '../../runs/manage/start-check.js';
import type { ApiHandler } from '../function.js';
import type { UapiHost } from './host.js';

/** `set_default_key_type`: documented to start a check when the type changes. */
export const setDefaultKeyType: ApiHandler<UapiHost> = async (given, host) => {
  const wish = { users: [host.account], type: given.text('type'), isDryRun: false };
  const costs = await changeKeyType(wish, await host.openKeyTypes());
  const messages = costs.map(sentenceOf);
  if (!costs.some(({ isChanged, isLookedAt }) => isChanged && isLookedAt)) return { messages };
  try {
    await startCheckOf(host.account, await host.openChecks());
    return { messages };
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    return { messages, warnings: ['The type is set, but no check was started.'] };
  }
};

function sentenceOf({ keyType, isLookedAt, orders, lastAt }: KeyTypeCost): string {
  if (!isLookedAt) return 'The websites of this account are not looked at: nothing is replaced.';
  if (orders === 0 || lastAt === null) return `No certificate is touched: new keys are ${keyType}.`;
  const many = counted(orders, 'certificate');
  return `New keys are ${keyType}. This costs ${many}: replaced when the renewal is due, the last from ${lastAt.slice(0, 10)} on.`;
}
