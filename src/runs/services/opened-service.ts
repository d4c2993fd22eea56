import type { ServiceName } from '../../core/domain/service/service-name.js';
import type { InstallHost } from '../install/install-ports.js';
import type { CertificateStore, FormerSets } from '../ports/certificates.js';

/** One of the server's own services: its certificate, and how another one is installed there. */
export interface OpenedService {
  readonly service: ServiceName;
  readonly certificates: CertificateStore & FormerSets;
  readonly presence: /** `describe`: the daemons behind it, as messages call them. `install` is for `installBatch`, with this service alone. */
    | { readonly state: 'found'; readonly describe: string; readonly install: InstallHost }
    /** `why`: one clause. */
    | { readonly state: 'absent'; readonly why: string };
  /** Finishes what crashed installations began; call it before anything else is done with the service. */
  finishHalfDone(): Promise<void>;
}
