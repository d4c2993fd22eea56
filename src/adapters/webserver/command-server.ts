import type { WebServer } from '../../runs/ports/installation.js';
import type { WebServerSettings } from '../../runs/ports/settings.js';
import { DaemonCommands } from '../system/daemon/daemon-commands.js';

/** Any other server, by the administrator's commands alone: nothing is known of its sites and its process. */
export class CommandServer extends DaemonCommands implements WebServer {
  readonly kind = 'command';

  constructor(settings: WebServerSettings) {
    super(settings, 'webServer.startCommand');
  }

  describe(): string {
    return 'the web server';
  }

  async readSites(): Promise<readonly []> {
    return [];
  }
}
