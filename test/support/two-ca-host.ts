import type { ProviderDescription } from '../../src/core/provider/description.js';
import { CUSTOM_ACME } from '../../src/core/provider/known/custom-acme.js';
import { DIGICERT } from '../../src/core/provider/known/digicert.js';
import type { CheckHost } from '../../src/runs/check/check-host.js';
import { FakeCa } from './fake-ca.js';
import { FakeQueueHost } from './queue-run.js';

/** A server whose first CA is `home`, and `other` stands in for it. */
export class TwoCaHost extends FakeQueueHost {
  readonly home = new FakeCa(() => this.clock.now());
  readonly other = new FakeCa(() => this.clock.now(), 'd');
  fallbacks: ProviderDescription[] = [{ ...DIGICERT, patienceMs: 0, maxNamesPerCertificate: 100 }];
  override provider: ProviderDescription = {
    ...CUSTOM_ACME,
    maxNamesPerCertificate: 100,
    patienceMs: 0,
    caaIdentities: ['home.ca.test'],
  };

  override async openAuthority(provider?: ProviderDescription): ReturnType<CheckHost['openAuthority']> {
    return provider?.name === DIGICERT.name ? this.other : this.home;
  }

  /** Who issued the website's newest certificate, and in whose stead. */
  issuer(vhost: string): string | undefined {
    const [newest] = this.issued.records.get(vhost) ?? [];
    return newest && [newest.provider, newest.insteadOf].filter((one) => one !== undefined).join(' for ');
  }

  /** Since when the first CA is known to be down. */
  async downSince(at: string): Promise<void> {
    const record = await this.ledger.read(this.provider.name);
    await this.ledger.write({ ...record, downSince: at, downBecause: 'no answer' });
  }
}
