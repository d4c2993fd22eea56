import { judgeCaa } from '../../core/caa/judge.js';
import type { WeighedName } from '../../core/plan/unsure-names.js';
import type { CheckHost } from '../check/check-host.js';
import type { OrderDesk } from '../order/order-desk.js';
import { usualMethod } from './caa-checking.js';
import { observeCaa } from './observe-caa.js';

/**
 * What CAA says against ordering these names from the desk's provider, one sentence; null: nothing that is sure and that no
 * zone of ours could be mended for. Nothing is changed, and nothing said. @throws the signal's reason
 */
export async function caaForbidden(
  weighed: readonly WeighedName[],
  desk: OrderDesk,
  { caa }: Pick<CheckHost, 'caa'>,
  signal: AbortSignal,
): Promise<{ readonly message: string } | null> {
  const issuer = desk.caaIssuer;
  if (issuer.identities.length === 0) return null;
  for (const { name, passed, method } of weighed) {
    if (!passed) continue;
    const observation = await observeCaa(name, (one) => caa.resolver.caaAt(one), signal);
    const outcome = judgeCaa(observation, { ...issuer, methods: [method ?? usualMethod(name)] });
    if (outcome.isAllowed || !outcome.isConclusive || outcome.code === 'CAA_METHOD_FORBIDDEN') continue;
    const isMendable =
      caa.mode === 'fix' && caa.zones !== null && (await isOurs(outcome.addition, caa.zones));
    if (!isMendable) return { message: outcome.message };
  }
  return null;
}

async function isOurs(
  addition: { readonly name: string; readonly isHarmless: boolean } | null,
  zones: NonNullable<CheckHost['caa']['zones']>,
): Promise<boolean> {
  if (addition === null || !addition.isHarmless) return false;
  return !('fault' in (await zones.zoneOf(addition.name)));
}
