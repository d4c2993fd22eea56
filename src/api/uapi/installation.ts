import { parseHostName, quoteForMessage } from '../../core/domain/name/names.js';
import { findWebsites } from '../../runs/manage/certificates/find-websites.js';
import type { ApiHandler } from '../function.js';
import { pastedFiles } from '../pasted-text.js';
import { ApiRefusal } from '../refusal.js';
import { deleteOne, installOne } from '../whm/certificates.js';
import type { UapiHost } from './host.js';

/** `install_ssl`. */
export const installSsl: ApiHandler<UapiHost> = async (given, host) => {
  const domain = parseHostName(given.text('domain'));
  const files = pastedFiles(
    { name: 'cert', value: given.text('cert') },
    { name: 'key', value: given.text('key') },
    { name: 'cabundle', value: given.optional('cabundle') },
  );
  const { account } = host;
  return await installOne({ domain, account, files, address: null }, await host.openInstallation());
};

/** `delete_ssl`. */
export const deleteSsl: ApiHandler<UapiHost> = async (given, host) => {
  const domain = parseHostName(given.text('domain'));
  const call = await host.openInstallation();
  const { byName } = await findWebsites([domain], call.host.accounts);
  if (byName.get(domain)?.account !== host.account) {
    throw new ApiRefusal(`This account has no website ${quoteForMessage(domain)}.`);
  }
  const { website: _, ...said } = await deleteOne(domain, call);
  return said;
};
