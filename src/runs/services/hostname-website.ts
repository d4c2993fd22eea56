import { SERVER_OWNER } from '../../core/domain/account/hostname-owner.js';
import type { KeyType } from '../../core/domain/key-type.js';
import type { DomainName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';

/** Documented: the default document root, in which the hostname answers. */
const DOCUMENT_ROOT = '/var/www/html';

/** The hostname as a website of this server's own: so everything that orders for websites orders for it. */
export function hostnameWebsite(name: DomainName, keyType: KeyType): Website {
  return {
    account: SERVER_OWNER,
    vhost: name,
    candidates: [{ name, standing: 'primary', isService: false }],
    excluded: [],
    documentRoot: DOCUMENT_ROOT,
    keyType,
  };
}
