import { printable, quoteForMessage } from '../domain/name/names.js';
import { NO_PUBLISHED_LIMITS } from '../order/limits/published-limits.js';
import type { ProviderDescription } from './description.js';
import { ACME_DEFAULTS } from './known/acme-defaults.js';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const MAX_TEXT = 300;
const MAX_ITEMS = 50;
/** Of a property: it becomes an option and a parameter of the API. */
const PROPERTY_NAME = /^[a-z][a-z0-9_]{0,63}$/;
const ISSUER_DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;

/** What a field of `describe()` may hold, in words, and how it is read; undefined = it does not. */
interface Field {
  readonly expected: string;
  readonly read: (value: unknown) => Partial<ProviderDescription> | undefined;
}

/**
 * Every field of a third party's `describe()`: the documented module interface (behaviour.md section 4) in our terms. All but
 * `displayName` may be absent; what is then assumed is documented there too, but for the days of renewal, where waiting until
 * a certificate has expired helps nobody.
 */
const FIELDS: Readonly<Record<string, Field>> = {
  displayName: textField((displayName) => ({ displayName })),
  note: textField((note) => ({ note })),
  checkFrequency: {
    expected: '“daily”',
    read: (value) => (value === 'daily' ? {} : undefined),
  },
  dcvMethods: {
    expected: 'a list of “http-01” and “dns-01”',
    read: (value) => {
      const methods = (['http-01', 'dns-01'] as const).filter(
        (one) => Array.isArray(value) && value.includes(one),
      );
      const isRight = Array.isArray(value) && value.length > 0 && methods.length === value.length;
      return isRight ? { dcvMethods: methods } : undefined;
    },
  },
  deliveryMethod: {
    expected: '“api” or “queue”',
    read: (value) => (value === 'api' || value === 'queue' ? { deliveryMethod: value } : undefined),
  },
  maxNamesPerCertificate: countField(1, 10_000, (count) => ({ maxNamesPerCertificate: count })),
  httpMaxRedirects: countField(0, 20, (count) => (count === null ? undefined : { httpMaxRedirects: count })),
  daysToReplace: countField(1, 365, (count) => (count === null ? undefined : { daysToReplace: count })),
  validityDays: countField(1, 1000, (count) => ({ validityPeriodMs: scaled(count, DAY_MS) })),
  averageDeliverySeconds: countField(0, 1_000_000, (count) => ({
    averageDeliveryTimeMs: scaled(count, SECOND_MS),
  })),
  certificatesPerRegisteredDomainPerWeek: countField(1, 1_000_000, (count) => ({
    certificatesPerRegisteredDomainPerWeek: count,
    limits: {
      ...NO_PUBLISHED_LIMITS,
      perRegisteredDomain: count === null ? null : { capacity: count, periodMs: 7 * DAY_MS },
    },
  })),
  supportsWildcard: flagField((is) => ({ supportsWildcard: is })),
  supportsAncestorDcv: flagField((is) => ({ supportsAncestorDcv: is })),
  caaIdentities: {
    expected: 'a list of issuer domain names',
    read: (value) => {
      const names = textsIn(value)?.map((one) => one.toLowerCase());
      return names?.every((one) => ISSUER_DOMAIN.test(one)) ? { caaIdentities: names } : undefined;
    },
  },
  issuerOrganizations: {
    expected: 'a list of texts',
    read: (value) => {
      const names = textsIn(value);
      return names === undefined ? undefined : { issuerOrganizations: names, isKnownByIssuer: true };
    },
  },
  properties: { expected: 'an object of texts and nulls by names of a-z, 0-9 and _', read: readProperties },
};

/** A third party's provider as it describes itself, or why it cannot be used, as one printable clause. */
export function parseModuleDescription(
  name: string,
  said: unknown,
): ProviderDescription | { readonly fault: string } {
  if (typeof said !== 'object' || said === null || Array.isArray(said)) {
    return { fault: 'its describe() gives no object' };
  }
  let provider: ProviderDescription = { ...MODULE_DEFAULTS, name, displayName: name };
  for (const [key, value] of Object.entries(said)) {
    const field = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
    if (field === undefined)
      return { fault: `its describe() has a field ${quoteForMessage(key)}, which means nothing` };
    const read = field.read(value);
    if (read === undefined) return { fault: `${key} of its describe() is not ${field.expected}` };
    provider = { ...provider, ...read };
  }
  if (!Object.hasOwn(said, 'displayName')) return { fault: 'its describe() has no displayName' };
  return provider;
}

const MODULE_DEFAULTS: Omit<ProviderDescription, 'name' | 'displayName'> = {
  ...ACME_DEFAULTS,
  kind: 'module',
  directoryUrl: null,
  dcvMethods: ['http-01'],
  maxNamesPerCertificate: null,
  supportsWildcard: false,
  validityPeriodMs: null,
  hasRenewalInfo: false,
};

function readProperties(value: unknown): Partial<ProviderDescription> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const isRight = entries.every(
    ([name, said]) => PROPERTY_NAME.test(name) && (said === null || isText(said)),
  );
  if (!isRight || entries.length > MAX_ITEMS) return undefined;
  const terms = Object.hasOwn(value, 'terms_of_service')
    ? (value as { terms_of_service: string | null }).terms_of_service
    : null;
  const others = entries.filter(([name]) => name !== 'terms_of_service');
  return { properties: Object.fromEntries(others), termsOfServiceUrl: terms };
}

function textField(make: (text: string) => Partial<ProviderDescription>): Field {
  return {
    expected: `a printable text of 1 to ${MAX_TEXT} characters`,
    read: (value) => (isText(value) ? make(value) : undefined),
  };
}

function countField(
  least: number,
  most: number,
  make: (count: number | null) => Partial<ProviderDescription> | undefined,
): Field {
  return {
    expected: `a whole number from ${least} to ${most}`,
    read: (value) => {
      const isRight =
        value === null || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most);
      return isRight ? make(value === null ? null : Number(value)) : undefined;
    },
  };
}

function flagField(make: (is: boolean) => Partial<ProviderDescription>): Field {
  return {
    expected: 'true or false',
    read: (value) => (typeof value === 'boolean' ? make(value) : undefined),
  };
}

function textsIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.length <= MAX_ITEMS && value.every(isText) ? value : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT && printable(value) === value;
}

function scaled(count: number | null, unitMs: number): number | null {
  return count === null ? null : count * unitMs;
}
