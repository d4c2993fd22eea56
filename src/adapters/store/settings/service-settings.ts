import { parseIpIdentifier } from '../../../core/domain/name/names.js';
import type { ServiceName } from '../../../core/domain/service/service-name.js';
import type { ServiceSettings, Settings } from '../../../runs/ports/settings.js';
import type { Tree } from '../../system/tree.js';
import { groupNamed, toDaemon } from './daemon-settings.js';
import type { CheckedSettings } from './settings-schema.js';

/** The settings of the server's own services. @throws ConfigurationError BAD_SETTING */
export async function toServices(
  tree: Tree,
  path: string,
  given: CheckedSettings['services'],
): Promise<Settings['services']> {
  const of = async (name: ServiceName): Promise<ServiceSettings> => {
    const service = given[name];
    const key = `services.${name}`;
    return {
      kind: service.kind,
      ...toDaemon(tree, path, key, service),
      endpoints:
        service.endpoints?.map(({ address, port, startTls }) => ({
          address,
          port,
          ...(startTls === undefined ? {} : { startTls }),
        })) ?? null,
      keyGroup: await groupNamed(tree, path, `${key}.keyGroup`, service.keyGroup),
      sni: service.sni,
    };
  };
  return {
    cpanel: await of('cpanel'),
    exim: await of('exim'),
    dovecot: await of('dovecot'),
    ftp: await of('ftp'),
  };
}

/** Which addresses of this server its own certificate is to name. */
export function toHostnameAddresses({
  ipAddresses,
}: CheckedSettings['services']): Settings['hostnameAddresses'] {
  return typeof ipAddresses === 'boolean' ? ipAddresses : ipAddresses.map(parseIpIdentifier);
}
