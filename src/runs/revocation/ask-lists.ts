import { openRevocationList } from '../../core/certificate/revocation/revocation-list-signature.js';
import { judgeRevocations } from '../../core/revocation/judge.js';
import type { ListVerdict } from '../../core/revocation/verdict.js';
import type { DownloadedList, KeptList } from '../ports/revocation.js';
import { FRESH_MS } from './freshness.js';
import type { LearntRevocations } from './learnt-revocations.js';
import type { AskedList } from './list-questions.js';
import type { RevocationHost } from './revocation-host.js';
import type { SilentHosts } from './silent-hosts.js';

type KnownVerdict = Extract<ListVerdict, { status: 'known' }>;

/** Finds out what revocation lists say, each for all certificates that name it. */
export class ListAsker {
  readonly #host: Pick<RevocationHost, 'cache' | 'clock' | 'download'>;
  readonly #hosts: SilentHosts;
  readonly #learnt: LearntRevocations;

  constructor(
    host: Pick<RevocationHost, 'cache' | 'clock' | 'download'>,
    hosts: SilentHosts,
    learnt: LearntRevocations,
  ) {
    this.#host = host;
    this.#hosts = hosts;
    this.#learnt = learnt;
  }

  async ask(list: AskedList): Promise<void> {
    let fault: { readonly url: string; readonly why: string } | undefined;
    for (const url of list.urls) {
      const answer = await this.#askAt(url, list);
      if (typeof answer !== 'string') {
        for (const one of list.certificates) this.#learnt.note(one, answer.revoked.get(one.serial) ?? null);
        return;
      }
      fault ??= { url, why: answer };
    }
    if (fault !== undefined) this.#learnt.noteUnknown('list', fault.url, fault.why, list.certificates.length);
  }

  /** What the list there says, or one clause about why that is not known. */
  async #askAt(url: string, list: AskedList): Promise<KnownVerdict | string> {
    const { cache, clock } = this.#host;
    const kept = await cache.read(url);
    const keptSays = kept === null ? null : await this.#judge(kept.der, url, list, kept);
    const isKnown = keptSays?.status === 'known';
    const age = kept === null ? Number.POSITIVE_INFINITY : clock.now().getTime() - kept.askedAt.getTime();
    if (isKnown && age >= 0 && age < FRESH_MS) return keptSays;
    const fetched = await this.#fetch(url, isKnown ? kept : null);
    if (fetched.state === 'unchanged' && kept !== null && isKnown) {
      await cache.keep(url, { ...kept, askedAt: clock.now() });
      return keptSays;
    }
    if (fetched.state !== 'fetched') {
      return isKnown ? keptSays : fetched.state === 'failed' ? fetched.why : 'it said “unchanged” of nothing';
    }
    const says = await this.#judge(fetched.der, url, list, null);
    // Whoever stands between may hand out an old one for as long as it holds: what is newer is here already.
    if (isKnown && (says.status === 'unknown' || says.thisUpdate < keptSays.thisUpdate)) return keptSays;
    if (says.status === 'unknown') return `the list ${says.fault.why}`;
    const { der, validators } = fetched;
    await cache.keep(url, {
      der,
      validators,
      askedAt: clock.now(),
      verifiedWith: list.issuer.fingerprint,
    });
    return says;
  }

  async #judge(der: Uint8Array, url: string, list: AskedList, kept: KeptList | null): Promise<ListVerdict> {
    const isSignatureKnown = kept?.verifiedWith === list.issuer.fingerprint;
    return judgeRevocations(await openRevocationList(der, list.issuer, isSignatureKnown), {
      serials: new Set(list.certificates.map(({ serial }) => serial)),
      url,
      now: this.#host.clock.now(),
    });
  }

  #fetch(url: string, kept: KeptList | null): Promise<DownloadedList> {
    const validators = kept?.validators ?? null;
    const { download } = this.#host;
    return this.#hosts.ask(url, (signal) => download.fetch({ url, validators, signal }));
  }
}
