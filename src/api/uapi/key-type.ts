import { AutosslError } from '../../core/domain/autossl-error.js';
import { counted } from '../../core/report/wording.js';
import { type KeyTypeCost, setKeyType } from '../../runs/manage/key-type.js';
import { startCheckOf } from '../../runs/manage/start-check.js';
import type { ApiHandler } from '../function.js';
import type { UapiHost } from './host.js';

/** `set_default_key_type`: documented to start a check when the type changes. */
export const setDefaultKeyType: ApiHandler<UapiHost> = async (given, host) => {
  const cost = await setKeyType(host.account, given.text('type'), await host.openKeyTypes());
  const messages = [sentenceOf(cost)];
  if (!cost.isChanged || cost.keyType === null) return { messages };
  try {
    await startCheckOf(host.account, await host.openChecks());
    return { messages };
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    return { messages, warnings: ['The type is set, but no check was started.'] };
  }
};

function sentenceOf({ keyType, certificates, lastNotAfter }: KeyTypeCost): string {
  if (keyType === null) return 'The websites of this account are not looked at: nothing is replaced.';
  if (certificates === 0 || lastNotAfter === null) {
    return `No certificate is touched: new keys are ${keyType}.`;
  }
  const last = lastNotAfter.toISOString().slice(0, 10);
  return `New keys are ${keyType}. This costs ${counted(certificates, 'certificate')}: replaced when the renewal is due, by ${last} at the latest.`;
}
