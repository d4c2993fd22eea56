import type { DomainName, WildcardName } from '../../core/domain/names.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import type { CaaSight } from '../../core/report/why/caa-sight.js';

/** Looks whether the CAA records permit a provider to certify a name. MUST NOT throw for what DNS answers. */
export interface CaaView {
  look(
    name: DomainName | WildcardName,
    provider: ProviderDescription,
    signal: AbortSignal,
  ): Promise<CaaSight>;
}
