import type { ChallengeMethod } from '../domain/challenge-method.js';
import { type FailedName, nameOf, namesToDrop } from './names-to-drop.js';
import {
  type ChallengeToAnswer,
  type OrderStep,
  type OrderView,
  park,
  waitWithinPatience,
} from './order-step.js';
import { problemCode, problemOf } from './problem-type.js';
import type { AcmeAuthorization, AcmeChallenge, AcmeOrder, AcmeProblem } from './resources.js';

/** In the order in which they are tried, unless a name passed the local validation by the other. */
const METHODS: readonly ChallengeMethod[] = ['http-01', 'dns-01'];

/** The next step of a `pending` order: know the authorizations, answer them all, then watch the order. */
export function stepOfPendingOrder(view: OrderView, order: AcmeOrder, now: Date): OrderStep {
  const missing = unreadUrls(view, order);
  if (missing.length > 0) return { do: 'read-authorizations', urls: missing };
  const pending = view.authorizations.filter((one) => one.status === 'pending' && !hasFailed(view, one));
  const failed = view.authorizations.filter((one) => hasFailed(view, one));
  const unsolvable = pending.filter((one) => challengeOf(view, one) === undefined);
  if (unsolvable.length > 0) {
    return giveUp(order, [...failedNames(view, failed), ...unsolvable.map((one) => noChallenge(view, one))]);
  }
  const open = failed.length > 0 ? [] : challengesToAnswer(view, pending);
  if (open.length > 0) return { do: 'answer-challenges', challenges: open };

  const waiting = pending.filter((one) => wasAnswered(view, one));
  const patient =
    failed.length > 0 && waiting.length === 0 ? null : waitWithinPatience(view, now, { do: 'read-order' });
  if (patient !== null) return patient;
  const urls = pending.map((one) => one.url);
  if (urls.length > 0 && !view.areAuthorizationsFresh) return { do: 'read-authorizations', urls };
  const blamed = [...failed, ...pending.filter((one) => challengeOf(view, one)?.error != null)];
  if (blamed.length > 0) return giveUp(order, failedNames(view, blamed), stuckAmong(blamed));
  if (pending.length > 0 && now.getTime() >= view.createdAt.getTime() + view.limits.validationDeadlineMs) {
    return giveUp(
      order,
      pending.map((one) => timedOut(view, one)),
      stuckAmong(pending),
    );
  }
  return park(view, now);
}

/**
 * The next step of an `invalid` order: let every answered challenge come to its end (within patience), so that all names
 * that fail are known at once, then give up naming them.
 */
export function stepOfInvalidOrder(view: OrderView, order: AcmeOrder, now: Date): OrderStep {
  const missing = unreadUrls(view, order);
  if (missing.length > 0) return { do: 'read-authorizations', urls: missing };
  const unfinished = view.authorizations.filter((one) => one.status === 'pending' && !hasFailed(view, one));
  const urls = unfinished.map((one) => one.url);
  if (urls.length > 0 && !view.areAuthorizationsFresh) return { do: 'read-authorizations', urls };
  const answered = unfinished.filter((one) => wasAnswered(view, one)).map((one) => one.url);
  if (answered.length > 0) {
    const wait = waitWithinPatience(view, now, { do: 'read-authorizations', urls: answered });
    if (wait !== null) return wait;
  }
  const byValidation = failedNames(
    view,
    view.authorizations.filter((one) => hasFailed(view, one)),
  );
  const byOrder = order.error === null ? [] : namesToDrop(order.error, view.names);
  const known = new Set(byValidation.map((one) => one.name));
  return giveUp(order, [...byValidation, ...byOrder.filter((one) => !known.has(one.name))]);
}

function giveUp(
  order: AcmeOrder,
  failed: readonly FailedName[],
  toDeactivate: readonly string[] = [],
): OrderStep {
  const first = failed[0];
  const said: AcmeProblem =
    first === undefined
      ? problemOf('serverInternal', 'the order became invalid and the CA gave no reason')
      : problemOf(/^[a-z]/.test(first.code) ? first.code : 'unauthorized', `${first.name}: ${first.detail}`);
  return { do: 'give-up', problem: order.error ?? said, failedNames: failed, toDeactivate };
}

function unreadUrls(view: OrderView, order: AcmeOrder): readonly string[] {
  const read = new Set(view.authorizations.map((one) => one.url));
  return order.authorizations.filter((url) => !read.has(url));
}

/** By the method that passed here, or else the other one, of those that the CA offers and this process can do. */
function challengeOf(
  view: OrderView,
  authorization: AcmeAuthorization,
): ChallengeToAnswer['challenge'] | undefined {
  const { byDns = [], methods = ['http-01'] } = view;
  const isByDns = byDns.includes(displayName(view, authorization));
  const tried = (isByDns ? METHODS.toReversed() : METHODS).filter((method) => methods.includes(method));
  for (const method of tried) {
    const found = authorization.challenges.find((one) => one.type === method);
    if (found !== undefined && isOf(found, method)) return found;
  }
  return undefined;
}

function isOf(challenge: AcmeChallenge, type: ChallengeMethod): challenge is ChallengeToAnswer['challenge'] {
  return challenge.type === type && challenge.token !== null;
}

function hasFailed(view: OrderView, authorization: AcmeAuthorization): boolean {
  if (authorization.status === 'valid') return false;
  return authorization.status !== 'pending' || challengeOf(view, authorization)?.status === 'invalid';
}

function wasAnswered(view: OrderView, authorization: AcmeAuthorization): boolean {
  const challenge = challengeOf(view, authorization);
  return challenge !== undefined && view.answered.has(challenge.url);
}

function challengesToAnswer(
  view: OrderView,
  pending: readonly AcmeAuthorization[],
): readonly ChallengeToAnswer[] {
  const open: ChallengeToAnswer[] = [];
  for (const authorization of pending) {
    const challenge = challengeOf(view, authorization);
    if (challenge === undefined || view.answered.has(challenge.url)) continue;
    open.push({
      name: displayName(view, authorization),
      challenge,
      needsAnswer: challenge.status === 'pending',
    });
  }
  return open;
}

function failedNames(view: OrderView, failed: readonly AcmeAuthorization[]): readonly FailedName[] {
  return failed.map((authorization) => {
    const error =
      challengeOf(view, authorization)?.error ??
      authorization.challenges.find((one) => one.error !== null)?.error;
    const name = displayName(view, authorization);
    if (error == null)
      return { name, code: 'AUTHORIZATION_INVALID', detail: `the authorization is ${authorization.status}` };
    const failed = { name, code: problemCode(error), detail: error.detail };
    return challengeOf(view, authorization)?.type === 'dns-01' ? { ...failed, method: 'dns-01' } : failed;
  });
}

function noChallenge(view: OrderView, authorization: AcmeAuthorization): FailedName {
  const offered = authorization.challenges.map((one) => one.type).join(', ') || 'none';
  return {
    name: displayName(view, authorization),
    code: 'NO_SUPPORTED_CHALLENGE',
    detail: `the CA offers no challenge for it that can be met here (it offers: ${offered})`,
  };
}

function timedOut(view: OrderView, authorization: AcmeAuthorization): FailedName {
  return {
    name: displayName(view, authorization),
    code: 'VALIDATION_TIMED_OUT',
    detail: 'the CA did not finish validating it in time',
  };
}

/** Still pending at the CA: a new order would be given them again. */
function stuckAmong(authorizations: readonly AcmeAuthorization[]): readonly string[] {
  return authorizations.filter((one) => one.status === 'pending').map((one) => one.url);
}

function displayName(view: OrderView, authorization: AcmeAuthorization): string {
  return (
    nameOf(authorization.identifier, view.names, authorization.isWildcard) ?? authorization.identifier.value
  );
}
