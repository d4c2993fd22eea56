import type { DomainName } from '../../../core/domain/name/names.js';
import type { ServerCheck, ServerLiveness } from '../../../core/plan/install/install-liveness.js';
import type { ServerSite } from '../../../core/plan/served/server-site.js';
import type { WebServer } from '../../../runs/ports/installation.js';
import type { ServiceEndpoint } from '../../../runs/ports/settings.js';
import { endpointListens, serviceSite } from '../service-site.js';

export interface PanelParts {
  readonly server: WebServer;
  readonly hostname: DomainName;
  /** The files of the panel's certificate. */
  readonly files: ReadonlySet<string>;
  /** Null = where the web server's sites that name one of the files listen. */
  readonly endpoints: readonly ServiceEndpoint[] | null;
}

/** The panel as a web server serves it: those of its sites that name the panel's certificate. */
export class PanelService implements WebServer {
  readonly kind = 'service';
  readonly #parts: PanelParts;

  constructor(parts: PanelParts) {
    this.#parts = parts;
  }

  describe(): string {
    return this.#parts.server.describe();
  }

  testConfig(): Promise<ServerCheck> {
    return this.#parts.server.testConfig();
  }

  reload(): Promise<ServerCheck> {
    return this.#parts.server.reload();
  }

  liveness(): Promise<ServerLiveness> {
    return this.#parts.server.liveness();
  }

  start(): Promise<ServerCheck> {
    return this.#parts.server.start();
  }

  async readSites(): Promise<readonly ServerSite[] | { readonly fault: string }> {
    const { server, files, hostname, endpoints } = this.#parts;
    const sites = await server.readSites();
    if ('fault' in sites) return sites;
    return sites
      .filter((site) => namesOneOf(site, files))
      .map((site) => ({
        ...serviceSite(
          hostname,
          endpoints === null ? site.listens : endpointListens(endpoints),
          site.certificates,
          site.file,
        ),
        line: site.line,
      }));
  }
}

/** Whether the site offers a certificate of these files. */
export function namesOneOf({ certificates }: ServerSite, files: ReadonlySet<string>): boolean {
  return certificates.some(({ certificateFile }) => files.has(certificateFile));
}
