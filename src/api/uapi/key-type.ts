import { AutosslError, UsageError } from '../../core/domain/autossl-error.js';
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
    return { messages, warnings: [`The type is set, but no check was started: ${whyNot(error)}.`] };
  }
};

/** As far as it is the account's business: of the server's own troubles the code. */
function whyNot(error: AutosslError): string {
  const isTold = error instanceof UsageError || error.code === 'NOT_STARTED';
  return isTold ? error.message : `this server cannot do it now (${error.code})`;
}

const NOT_LOOKED_AT: Readonly<Record<NonNullable<KeyTypeCost['notLookedAt']>, string>> = {
  suspended: 'is suspended',
  'no-autossl-feature': 'does not have AutoSSL',
  broken: 'has files on this server that cannot be used, which its administrator must mend',
};

function sentenceOf({ keyType, notLookedAt, orders, lastAt }: KeyTypeCost): string {
  if (notLookedAt !== null) {
    return `New keys are ${keyType}. No certificate is replaced and no check was started, because the account ${NOT_LOOKED_AT[notLookedAt]}.`;
  }
  if (orders === 0 || lastAt === null) return `No certificate is touched: new keys are ${keyType}.`;
  const many = counted(orders, 'certificate');
  return `New keys are ${keyType}. This costs ${many}: replaced when the renewal is due, the last from ${lastAt.slice(0, 10)} on.`;
}
