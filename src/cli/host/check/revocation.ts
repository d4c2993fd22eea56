import { DnsResolver } from '../../../adapters/probe/resolver.js';
import { HttpListDownload } from '../../../adapters/revocation/list-download.js';
import { HttpResponderDialogue } from '../../../adapters/revocation/responder-dialogue.js';
import { FileListCache } from '../../../adapters/store/revocation/list-cache.js';
import { FileResponderAnswers } from '../../../adapters/store/revocation/responder-answers.js';
import { systemClock } from '../../../adapters/system/clock.js';
import type { KnownRevocations } from '../../../runs/ports/revocation.js';
import type { RevocationHost } from '../../../runs/revocation/revocation-host.js';
import type { Base } from '../base.js';

/** What asking issuers for revoked certificates needs; null where the settings say that nobody is asked. */
export function openRevocation({ tree, settings }: Base, known: KnownRevocations): RevocationHost | null {
  if (settings.revocation === 'off') return null;
  const resolver = new DnsResolver({ servers: settings.resolvers });
  const places = { isAnywhereAllowed: settings.revocation === 'crl-anywhere' };
  return {
    clock: systemClock,
    known,
    cache: new FileListCache(tree),
    download: new HttpListDownload(resolver, places),
    answers: new FileResponderAnswers(tree, systemClock),
    responders: new HttpResponderDialogue(resolver, places),
  };
}
