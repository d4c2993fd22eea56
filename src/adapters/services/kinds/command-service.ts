import type { DomainName } from '../../../core/domain/name/names.js';
import type { ServiceName } from '../../../core/domain/service/service-name.js';
import type { ServerSite } from '../../../core/plan/served/server-site.js';
import type { WebServer } from '../../../runs/ports/installation.js';
import type { ServiceSettings } from '../../../runs/ports/settings.js';
import { DaemonCommands } from '../../system/daemon/daemon-commands.js';
import { endpointListens, serviceSite } from '../service-site.js';

/** A service by the administrator's commands alone: HAProxy, a panel's daemon. It is asked where the settings say. */
export class CommandService extends DaemonCommands implements WebServer {
  readonly kind = 'service';
  readonly #service: ServiceName;
  readonly #endpoints: ServiceSettings['endpoints'];
  readonly #hostname: DomainName;

  constructor(service: ServiceName, settings: ServiceSettings, hostname: DomainName) {
    super(settings, `services.${service}.startCommand`);
    this.#service = service;
    this.#endpoints = settings.endpoints;
    this.#hostname = hostname;
  }

  describe(): string {
    return `the service ${this.#service}`;
  }

  async readSites(): Promise<readonly ServerSite[] | { readonly fault: string }> {
    if (this.#endpoints === null)
      return { fault: `nobody says where it answers (services.${this.#service}.endpoints)` };
    return [serviceSite(this.#hostname, endpointListens(this.#endpoints), [], this.describe())];
  }
}
