import { coversName, type PresentedNames } from './coverage.js';
import type { WantedName } from './names.js';

/**
 * By which names servers are asked for a certificate: those that stand in it, and in the place of a wildcard that nobody
 * wanted as such the wanted names that it covers.
 */
export function namesToAsk(
  dnsNames: PresentedNames['dnsNames'],
  wanted: readonly string[],
): readonly string[] {
  const known = new Set(wanted);
  return [
    ...new Set(
      dnsNames.flatMap((name) => {
        if (!name.startsWith('*.') || known.has(name)) return [name];
        const presented = { dnsNames: [name], ipAddresses: [] };
        const covered = wanted.filter((one) => coversName(presented, one as WantedName));
        return covered.length === 0 ? [name] : covered;
      }),
    ),
  ];
}
