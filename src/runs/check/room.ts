import { StateError } from '../../core/domain/autossl-error.js';
import type { PlannedAction } from '../../core/plan/action.js';
import { lackOfRoom, roomNeeded } from '../../core/plan/room/room.js';
import { accountLimitsOf } from '../order/account-limits.js';
import type { CheckHost } from './check-host.js';

/**
 * Before the first order: a certificate that cannot be kept is lost. Looked at is as much as this run may order, so that
 * a server that is moved with thousands of websites is not held up by what later runs need. @throws StateError NO_SPACE
 */
export function assertRoom(
  actions: readonly Pick<PlannedAction, 'names'>[],
  host: Pick<CheckHost, 'freeRoom' | 'provider' | 'settings'>,
): void {
  const soon = actions.slice(0, accountLimitsOf(host.provider, host).newOrders);
  const names = soon.reduce((sum, action) => sum + action.names.length, 0);
  const lack = lackOfRoom(roomNeeded({ websites: soon.length, names }), host.freeRoom());
  if (lack === null) return;
  throw new StateError('NO_SPACE', `${lack}; nothing is ordered`, {
    advice: 'Free some space on that file system.',
  });
}
