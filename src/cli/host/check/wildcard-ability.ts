import { challengeRecordOf } from '../../../core/dcv/dns-challenge.js';
import { closestZone } from '../../../core/domain/name/dns-name.js';
import type { WantedName } from '../../../core/domain/name/names.js';
import type { WildcardAbility } from '../../../core/plan/action.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import type { DnsSettings } from '../../../runs/ports/settings.js';

/** Whether wildcards may be had as far as settings tell; nothing is asked. `provider` null: none is active. */
export function wildcardAbilityBySettings(
  provider: Pick<ProviderDescription, 'supportsWildcard'> | null,
  { editors, delegations }: DnsSettings,
  names: readonly WantedName[],
): WildcardAbility {
  if (provider === null || !provider.supportsWildcard) return 'unsupported';
  if (editors.length === 0) return 'no-editor';
  if (delegations.length > 0) return 'yes';
  const zones = editors.flatMap((editor) => (editor.zones === 'auto' ? [] : editor.zones));
  return names.some((name) => closestZone(challengeRecordOf(name), zones) !== undefined) ? 'yes' : 'unsure';
}
