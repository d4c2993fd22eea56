import { TrustAnchors } from '../../src/core/certificate/chain/trust-anchors.js';
import type { ManageHost } from '../../src/runs/services/manage/manage-host.js';
import type { ManageCall } from '../../src/runs/services/manage/manage-session.js';
import { FakeServicesHost } from './fake-services.js';

/** A server with services that an administrator manages; daemons, locks and log are fakes. */
export class FakeManageHost extends FakeServicesHost implements ManageHost {
  readonly isPublicAuthority = false;
  readonly anchors = async (): Promise<TrustAnchors> => new TrustAnchors([]);
  async *issuersOnDisk(): AsyncGenerator<string> {}
  readonly websites = this.base.certificates;

  /** For the functions that change something. */
  call(signal = new AbortController().signal): ManageCall {
    return { host: this, listen: () => undefined, signal };
  }
}
