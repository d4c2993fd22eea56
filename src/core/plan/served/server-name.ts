import type { ServerSite } from './server-site.js';

/** Finds the site that a server chooses for a host name among those of one socket, by that server's own rules. */
export class SitesByName {
  readonly #server: ServerSite['server'];
  readonly #first: ServerSite | undefined;
  readonly #exact = new Map<string, Placed>();
  /** With `*`, `?` or a regular expression, in the order of the configuration. */
  readonly #patterns: (Placed & { readonly fits: (name: string) => boolean })[] = [];

  /** `sites`: all of one server, in the order of the configuration. */
  constructor(server: ServerSite['server'], sites: readonly ServerSite[]) {
    this.#server = server;
    this.#first = sites[0];
    for (const [position, site] of sites.entries()) {
      for (const name of site.names) this.#add(name, { site, position });
    }
  }

  /** `name`: lower case. Undefined when only a default site would answer. */
  find(name: string): ServerSite | undefined {
    switch (this.#server) {
      case 'nginx':
        return this.#findInNginx(name);
      case 'apache':
        return this.#findInApache(name);
      case 'service':
        return this.#findInService(name);
    }
  }

  #add(name: string, placed: Placed): void {
    const isExpression = this.#server === 'nginx' && name.startsWith('~');
    const isPattern = isExpression || (this.#server === 'apache' && /[*?]/.test(name));
    if (!isPattern) {
      if (!this.#exact.has(name)) this.#exact.set(name, placed);
      return;
    }
    const expression = isExpression ? compiled(name.slice(1)) : undefined;
    const fits = isExpression
      ? (text: string) => expression?.test(text) ?? false
      : (text: string) => matchesWildcards(name, text);
    this.#patterns.push({ ...placed, fits });
  }

  /** The name itself, the longest leading wildcard, the longest trailing one, the first regular expression. */
  #findInNginx(name: string): ServerSite | undefined {
    const labels = name.split('.');
    const candidates = [
      name,
      ...labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`),
      ...labels.slice(1).map((_, index) => `${labels.slice(0, labels.length - 1 - index).join('.')}.*`),
    ];
    const found = candidates.find((candidate) => this.#exact.has(candidate));
    if (found !== undefined) return this.#exact.get(found)?.site;
    return this.#patterns.find(({ fits }) => fits(name))?.site;
  }

  /** The name itself, else the first site: unknown names get the server's own certificate. */
  #findInService(name: string): ServerSite | undefined {
    return this.#exact.get(name)?.site ?? this.#first;
  }

  /** The first site with a name or alias that fits. */
  #findInApache(name: string): ServerSite | undefined {
    const exact = this.#exact.get(name);
    const limit = exact?.position ?? Number.POSITIVE_INFINITY;
    const pattern = this.#patterns.find(({ position, fits }) => position < limit && fits(name));
    return (pattern ?? exact)?.site;
  }
}

interface Placed {
  readonly site: ServerSite;
  readonly position: number;
}

/** Whether the text fits a pattern in which `*` stands for any run of characters and `?` for one. */
export function matchesWildcards(pattern: string, text: string): boolean {
  let [p, t] = [0, 0];
  let [star, resume] = [-1, 0];
  while (t < text.length) {
    const wanted = pattern[p];
    if (wanted === '*') [star, p, resume] = [p, p + 1, t];
    else if (wanted !== undefined && (wanted === '?' || wanted === text[t])) [p, t] = [p + 1, t + 1];
    else if (star !== -1) [p, t, resume] = [star + 1, resume + 1, resume + 1];
    else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** The administrator's own expression; one that only PCRE understands fits nothing. */
function compiled(source: string): RegExp | undefined {
  try {
    return new RegExp(source.replaceAll('(?P<', '(?<'), 'i');
  } catch {
    return undefined;
  }
}
