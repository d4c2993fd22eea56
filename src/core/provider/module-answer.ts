import { parseHostName, printable } from '../domain/name/names.js';
import { KNOWN_PROBLEM_CODES } from '../order/classification.js';
import { problemOf } from '../order/problem-type.js';
import { type AcmeProblem, identifierOf } from '../order/resources.js';

const SECOND_MS = 1000;
const MAX_TEXT = 2000;
/** A week: nobody waits longer for an order. */
const MAX_RETRY_SECONDS = 604_800;
const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/** What a third party's provider says no to, in ACME's terms. */
export interface ModuleRefusal {
  readonly state: 'refused';
  readonly problem: AcmeProblem;
}
/** Not what our interface allows: one clause. */
export interface ModuleGarbage {
  readonly state: 'garbage';
  readonly why: string;
}
/** Of `issue` and `collect`. */
export type IssueAnswer =
  | { readonly state: 'issued'; readonly chainPem: string }
  | { readonly state: 'pending'; readonly reference: string | null; readonly retryAt: Date | null }
  | ModuleRefusal
  | ModuleGarbage;
/** Of `order`. */
export type OrderAnswer =
  | {
      readonly state: 'open';
      readonly reference: string | null;
      readonly challenges: readonly {
        readonly name: string;
        readonly type: string;
        readonly token: string;
      }[];
    }
  | ModuleRefusal
  | ModuleGarbage;
/** Of `validate`. */
export type ValidateAnswer = { readonly state: 'valid' } | ModuleRefusal | ModuleGarbage;
/** Of `exportProperties` and `reset`; `none`: it keeps no accounts, or says nothing of them. */
export type RegistrationAnswer =
  | { readonly state: 'registered'; readonly url: string; readonly keyThumbprint: string }
  | { readonly state: 'none' }
  | ModuleRefusal
  | ModuleGarbage;

/** `{ chainPem }`, `{ pending: { reference, retryAfterSeconds } }` or `{ refused: { why, … } }`. */
export function parseIssueAnswer(value: unknown, now: Date): IssueAnswer {
  const fields = fieldsOf(value, ['chainPem', 'pending', 'refused']);
  if (typeof fields === 'string') return garbage(fields);
  if (fields['refused'] !== undefined) return refusalOf(fields['refused'], now);
  if (fields['pending'] !== undefined) {
    const pending = fieldsOf(fields['pending'], ['reference', 'retryAfterSeconds'], false);
    if (typeof pending === 'string') return garbage(pending);
    const { reference = null } = pending;
    const retryAt = retryAtOf(pending['retryAfterSeconds'], now);
    if (!isTextOrNull(reference) || retryAt === undefined)
      return garbage('its “pending” is not as documented');
    return { state: 'pending', reference, retryAt };
  }
  const { chainPem } = fields;
  return typeof chainPem === 'string' ? { state: 'issued', chainPem } : garbage('its chainPem is no text');
}

/** `{ reference, challenges: [{ name, type, token }] }` for some of `names`, or `{ refused }`. */
export function parseOrderAnswer(value: unknown, names: readonly string[], now: Date): OrderAnswer {
  const fields = fieldsOf(value, ['reference', 'challenges', 'refused']);
  if (typeof fields === 'string') return garbage(fields);
  if (fields['refused'] !== undefined) return refusalOf(fields['refused'], now);
  const { reference = null, challenges = [] } = fields;
  if (!isTextOrNull(reference) || !Array.isArray(challenges))
    return garbage('its order is not as documented');
  const read = challenges.map((one: unknown) => {
    const { name, type = 'http-01', token } = (one ?? {}) as Record<string, unknown>;
    const isRight =
      typeof name === 'string' &&
      names.includes(name) &&
      (type === 'http-01' || type === 'dns-01') &&
      typeof token === 'string' &&
      TOKEN.test(token);
    return isRight ? { name, type, token } : null;
  });
  const whole = read.filter((one) => one !== null);
  const isOnce = new Set(whole.map(({ name }) => name)).size === read.length;
  return isOnce
    ? { state: 'open', reference, challenges: whole }
    : garbage('its challenges are not as documented');
}

/** True, or `{ refused }`. */
export function parseValidateAnswer(value: unknown, now: Date): ValidateAnswer {
  if (value === true) return { state: 'valid' };
  const fields = fieldsOf(value, ['refused']);
  if (typeof fields === 'string') return garbage('it is neither true nor a refusal');
  return refusalOf(fields['refused'], now, 'unauthorized');
}

/** Nothing, `{ accountUrl, keyThumbprint }`, or `{ refused }`. */
export function parseRegistrationAnswer(value: unknown, now: Date): RegistrationAnswer {
  if (value === null || value === undefined) return { state: 'none' };
  const fields = fieldsOf(value, ['accountUrl', 'keyThumbprint', 'refused']);
  if (typeof fields === 'string') return garbage(fields);
  if (fields['refused'] !== undefined) return refusalOf(fields['refused'], now, 'unauthorized');
  const { accountUrl, keyThumbprint } = fields;
  const isRight =
    typeof accountUrl === 'string' &&
    /^[\u0021-\u007e]{1,2048}$/.test(accountUrl) &&
    typeof keyThumbprint === 'string' &&
    THUMBPRINT.test(keyThumbprint);
  return isRight
    ? { state: 'registered', url: accountUrl, keyThumbprint }
    : garbage('its account is not as documented');
}

/** Of `getVhostDcvErrors`: for each name a list of texts, in their order; undefined for what is not that. */
export function parseDcvErrors(value: unknown, count: number): readonly (readonly string[])[] | undefined {
  const isRight =
    Array.isArray(value) &&
    value.length === count &&
    value.every((one) => Array.isArray(one) && one.every((text) => typeof text === 'string'));
  return isRight ? value.map((one: string[]) => one.map((text) => shortened(printable(text)))) : undefined;
}

function refusalOf(value: unknown, now: Date, usual = 'malformed'): ModuleRefusal | ModuleGarbage {
  const fields = fieldsOf(value, ['why', 'type', 'names', 'retryAfterSeconds'], false);
  if (typeof fields === 'string') return garbage(fields);
  const { why, names = [] } = fields;
  const type = fields['type'] ?? (Array.isArray(names) && names.length > 0 ? 'rejectedIdentifier' : usual);
  const retryAt = retryAtOf(fields['retryAfterSeconds'], now);
  const isRight =
    typeof why === 'string' &&
    typeof type === 'string' &&
    KNOWN_PROBLEM_CODES.includes(type) &&
    Array.isArray(names) &&
    names.every(isName) &&
    retryAt !== undefined;
  if (!isRight) return garbage('its “refused” is not as documented');
  const detail = shortened(why);
  const subproblems = names.map((name: string) =>
    problemOf(type, detail, { identifier: identifierOf(parseHostName(name)) }),
  );
  return { state: 'refused', problem: problemOf(type, detail, { retryAt, subproblems }) };
}

/** The object's members, or what is wrong with it, as a clause. `isOne`: it has at least one of these. */
function fieldsOf(value: unknown, known: readonly string[], isOne = true): Record<string, unknown> | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no object';
  const keys = Object.keys(value);
  const stray = keys.find((key) => !known.includes(key));
  if (stray !== undefined)
    return `it has ${JSON.stringify(printable(stray).slice(0, 50))}, which means nothing`;
  if (isOne && keys.length === 0) return 'it is empty';
  return value as Record<string, unknown>;
}

/** Null without; undefined for what is no number of seconds. */
function retryAtOf(seconds: unknown, now: Date): Date | null | undefined {
  if (seconds === undefined || seconds === null) return null;
  const isRight = typeof seconds === 'number' && seconds >= 0 && seconds <= MAX_RETRY_SECONDS;
  return isRight ? new Date(now.getTime() + seconds * SECOND_MS) : undefined;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && value.length <= MAX_TEXT);
}

function isName(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  try {
    parseHostName(value);
    return true;
  } catch {
    return false;
  }
}

function shortened(text: string): string {
  return text.slice(0, MAX_TEXT);
}

function garbage(why: string): ModuleGarbage {
  return { state: 'garbage', why };
}
