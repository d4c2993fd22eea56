import { type IpIdentifier, isIpIdentifier, printable } from '../../../core/domain/name/names.js';
import type { Website } from '../../../core/domain/website/website.js';
import type { ProblemClass } from '../../../core/order/classification.js';
import { judgeNameAttempt } from '../../../core/order/name-attempt.js';
import { mayNameAddresses } from '../../../core/provider/profiles.js';
import { addressesLeftOut } from '../../../core/report/services/address-events.js';
import type { CheckHost } from '../../check/check-host.js';
import type { RunRecorder } from '../../check/run-recorder.js';
import type { OrderDesk } from '../../order/order-desk.js';
import type { OrderResult } from '../../order/order-ports.js';
import { preflightNames } from '../../validation/preflight-names.js';

/** Refusals that may be for what was asked for. */
const MAY_BE_ADDRESSES: ReadonlySet<ProblemClass> = new Set(['fix-your-input', 'person-must-act']);

/**
 * Which of this server's addresses are put into the order for its hostname (RFC 8738): none where the provider is known not to take
 * any, none that failed lately, none that fails the local check over HTTP. What is left out is one warning, and holds nothing up.
 * @throws the signal's reason, StateError
 */
export async function passedAddresses(
  website: Website,
  addresses: readonly IpIdentifier[],
  desk: OrderDesk,
  host: CheckHost,
  recorder: RunRecorder,
): Promise<readonly IpIdentifier[]> {
  if (addresses.length === 0) return [];
  if (!mayNameAddresses(desk.provider, desk.profile)) {
    const { displayName } = desk.provider;
    const profile = desk.profile === null ? 'its default profile' : `the profile ${printable(desk.profile)}`;
    const why = `${displayName} certifies no addresses by ${profile}`;
    recorder.record(addressesLeftOut(website, addresses, why));
    return [];
  }
  const now = host.clock.now();
  const open: IpIdentifier[] = [];
  const waiting: IpIdentifier[] = [];
  for (const address of addresses) {
    const { mayTry } = judgeNameAttempt(await host.names.read(address), now);
    (mayTry ? open : waiting).push(address);
  }
  if (waiting.length > 0)
    recorder.record(addressesLeftOut(website, waiting, 'they failed lately, and are tried again later'));
  return await reachable(website, open, desk, host, recorder);
}

async function reachable(
  website: Website,
  addresses: readonly IpIdentifier[],
  desk: OrderDesk,
  host: CheckHost,
  recorder: RunRecorder,
): Promise<readonly IpIdentifier[]> {
  if (addresses.length === 0 || host.settings.preflight === 'off') return addresses;
  const { resolver, signal } = desk;
  const solver = await desk.solver();
  const outcomes = await preflightNames(website, addresses, { ...host.preflight, resolver, solver, signal });
  const passed: IpIdentifier[] = [];
  for (const outcome of outcomes) {
    if (!isIpIdentifier(outcome.name)) continue;
    if (outcome.passed) passed.push(outcome.name);
    else recorder.record(addressesLeftOut(website, [outcome.name], outcome.message));
  }
  return host.settings.preflight === 'gate' ? passed : addresses;
}

/**
 * Whether the order was refused for its addresses, and is to be made without: where they alone are to blame, or where the CA does not
 * say what is. What the CA found of each is remembered. @throws StateError
 */
export async function isForAddresses(
  website: Website,
  result: OrderResult,
  addresses: readonly IpIdentifier[],
  desk: OrderDesk,
  recorder: RunRecorder,
): Promise<boolean> {
  if (result.outcome !== 'refused' || addresses.length === 0) return false;
  const { failedNames, problem, classification } = result;
  if (failedNames.some(({ name }) => !isIpIdentifier(name))) return false;
  if (failedNames.length === 0 && !MAY_BE_ADDRESSES.has(classification)) return false;
  for (const { name, code, detail } of failedNames)
    if (isIpIdentifier(name)) await desk.rememberRefused(name, code, printable(detail));
  const why = failedNames[0]?.detail ?? problem.detail;
  recorder.record(addressesLeftOut(website, addresses, `the provider refused them: ${printable(why)}`));
  return true;
}
