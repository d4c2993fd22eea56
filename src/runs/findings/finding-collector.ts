import type { Website } from '../../core/domain/website/website.js';
import {
  type FoundWebsite,
  factsToKeep,
  type WebsiteFacts,
} from '../../core/notice/findings/website-facts.js';

/**
 * Keeps what a run found of websites that somebody may have to be told of, as it was before anything was done for them. Of
 * websites that are as they should be nothing is kept.
 */
export class FindingCollector {
  readonly #facts = new Map<string, WebsiteFacts>();

  /** The website was judged; the latest look counts. */
  judged(website: Website, found: FoundWebsite, now: Date): void {
    const facts = factsToKeep(website, found, now);
    if (facts === null) this.#facts.delete(website.vhost);
    else this.#facts.set(website.vhost, facts);
  }

  of(vhost: string): WebsiteFacts | undefined {
    return this.#facts.get(vhost);
  }

  vhosts(): IterableIterator<string> {
    return this.#facts.keys();
  }
}
