import { StateError } from '../../core/domain/autossl-error.js';
import type { CheckHost } from './check-host.js';

/** @throws StateError BRAKE when the certificates, or what is known of them, are gone as a whole */
export async function assertNothingLost({ stateMark }: Pick<CheckHost, 'stateMark'>): Promise<void> {
  const lost = await stateMark.lostFolder();
  if (lost === null) return;
  throw new StateError(
    'BRAKE',
    `${lost} is empty or gone, though certificates lay there; nothing is ordered`,
    {
      advice: 'Mount or restore /var/cpanel/ssl; if this is meant, run again with --yes-really.',
    },
  );
}
