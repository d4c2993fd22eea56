import { readServerPolicy } from '../../../adapters/accounts/server-policy.js';
import { openRunLog } from '../../../adapters/journal/run-log.js';
import { SharedFolderSolver } from '../../../adapters/solvers/shared-folder.js';
import { FileToldServices } from '../../../adapters/store/notices/told-services.js';
import { sweepTemporaryFiles } from '../../../adapters/store/orphans/store-sweeping.js';
import { FileDeathNotes } from '../../../adapters/store/services/death-note.js';
import { servicePemPath } from '../../../adapters/store/services/service-certificates.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { isThere } from '../../../adapters/system/files/files.js';
import { generateKey } from '../../../adapters/system/files/private-key.js';
import { readHostName } from '../../../adapters/system/host-name.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { readOwnAddresses, readTranslatedAddresses } from '../../../adapters/system/own-addresses.js';
import { systemRandom } from '../../../adapters/system/random.js';
import { createPlaceholder } from '../../../core/certificate/placeholder.js';
import { isSpecialAddress } from '../../../core/dcv/special-address.js';
import { placeholderNameOf } from '../../../core/domain/name/hostname.js';
import { type DomainName, type IpIdentifier, parseIpIdentifier } from '../../../core/domain/name/names.js';
import { SERVICE_NAMES, type ServiceName } from '../../../core/domain/service/service-name.js';
import { OutboxNotifier } from '../../../runs/notice/outbox-notifier.js';
import type {
  FoundServices,
  ServerService,
  ServicesHost,
  TouchFiles,
} from '../../../runs/services/services-host.js';
import type { Base } from '../base.js';
import { leafOf, type OpenCheckHost } from '../check/check.js';
import { openRecords, openServiceJudgement } from '../check/evaluation.js';
import { openRevocation } from '../check/revocation.js';
import { openDelivery } from '../notices.js';
import { openService } from './services.js';

/** As the settings take at most; an order has room for more. */
const MOST_ADDRESSES = 10;

/**
 * The world of this server's own certificates. `ordering`: what orders need, null where AutoSSL is disabled.
 * @throws ConfigurationError
 */
export async function openServicesHost(base: Base, ordering: OpenCheckHost | null): Promise<ServicesHost> {
  const { tree, settings } = base;
  const { orders, issued } = openRecords(base);
  const { keyType, followsHostname } = readServerPolicy(tree);
  const hostname = await readHostName(tree);
  const name = placeholderNameOf(hostname);
  const judgement = await openServiceJudgement(base, keyType);
  return {
    clock: systemClock,
    locks: new FileLockKeeper(tree),
    issued,
    orders,
    settings: {
      hostname,
      keyType,
      followsHostname,
      deadlineMs: settings.run.deadlineMs,
      addresses: await hostnameAddresses(base),
      repeatMails: settings.notices.repeat,
    },
    root: tree.isPrivate ? tree.root : null,
    // Whatever way accounts are validated: no account's folder, and no account's rights, are at hand for the hostname.
    ordering:
      ordering === null
        ? null
        : { ...ordering, openSolver: async () => new SharedFolderSolver(tree, systemClock) },
    notifier: new OutboxNotifier(settings.mail.to, await openDelivery(base)),
    told: new FileToldServices(tree),
    findServices: () => findServices(base, name),
    readTouchFiles: () => readTouchFiles(base),
    openJournal: (facts) => openRunLog(tree, { ...facts, clock: systemClock }),
    tidy: async () => {
      if (ordering === null) sweepTemporaryFiles(tree, { everywhere: false });
      else await ordering.tidy();
      for (const service of SERVICE_NAMES) await (await openService(base, service, name)).finishHalfDone();
    },
    evaluate: judgement.evaluate,
    revocation: openRevocation(base, judgement.known),
    describeLeaf: leafOf,
    makePlaceholder: async (name) => {
      const keyPem = await generateKey('ecdsa-prime256v1');
      const facts = { names: [name], now: systemClock.now(), serial: systemRandom.bytes(16) };
      return { keyPem, chainPem: await createPlaceholder({ ...facts, keyPem }) };
    },
  };
}

async function findServices(base: Base, hostname: DomainName): Promise<FoundServices> {
  const services: ServerService[] = [];
  const absent: { readonly name: ServiceName; readonly why: string }[] = [];
  for (const name of SERVICE_NAMES) {
    const { presence } = await openService(base, name, hostname);
    if (presence.state === 'absent') absent.push({ name, why: presence.why });
    else {
      services.push({
        name,
        file: servicePemPath(base.tree, name),
        describe: () => presence.describe,
        install: presence.install,
        deaths: new FileDeathNotes(base.tree.ofService(name)),
      });
    }
  }
  return { services, absent };
}

/** Those that the settings name, or that anybody on the internet would reach this server by. */
async function hostnameAddresses({ tree, settings }: Base): Promise<readonly IpIdentifier[]> {
  const { hostnameAddresses: wanted, addressMap } = settings;
  if (typeof wanted !== 'boolean') return wanted;
  if (!wanted) return [];
  const translated = [...(await readTranslatedAddresses(tree)).keys(), ...addressMap.keys()];
  const known = [...(await readOwnAddresses(tree)), ...translated].filter((one) => !isSpecialAddress(one));
  return [...new Set(known.map(parseIpIdentifier))].slice(0, MOST_ADDRESSES);
}

async function readTouchFiles({ tree }: Base): Promise<TouchFiles> {
  const thereOrNull = async (path: string): Promise<string | null> => ((await isThere(path)) ? path : null);
  return {
    noOrders: await thereOrNull(tree.disableHostnameCertificate()),
    noReplacement: await thereOrNull(tree.disableServiceCertificates()),
  };
}
