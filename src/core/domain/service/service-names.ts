/** First labels of the service names that the panel makes for a domain (behaviour section 2). */
const SERVICE_LABELS = ['cpanel', 'webmail', 'webdisk', 'cpcontacts', 'cpcalendars'] as const;
const AUTODISCOVER_LABELS = ['autodiscover', 'autoconfig'] as const;
const RESELLER_LABELS = ['whm'] as const;

/** First labels of every name that may be wanted without being written in the account data. */
export const AUTOMATIC_LABELS: ReadonlySet<string> = new Set([
  'www',
  'mail',
  ...SERVICE_LABELS,
  ...AUTODISCOVER_LABELS,
  ...RESELLER_LABELS,
]);

/** The server's settings about service names. */
export interface ServiceNamesPolicy {
  /** `proxysubdomains`. */
  readonly isOn: boolean;
  /** `autodiscover_proxy_subdomains`; means nothing while `isOn` is false. */
  readonly hasAutodiscover: boolean;
}

/**
 * The policy of a server's cpanel.config, as its keys. Without the file (undefined) nothing answers for those names,
 * so they are off (design 5.1); with it, absent keys have the published defaults: `proxysubdomains` 1,
 * `autodiscover_proxy_subdomains` 0. `proxysubdomainsoverride` needs no rule: a subdomain that the account made itself
 * always stays with its own website.
 */
export function serviceNamesPolicy(config: ReadonlyMap<string, string> | undefined): ServiceNamesPolicy {
  return {
    isOn: config !== undefined && (config.get('proxysubdomains') ?? '1') === '1',
    hasAutodiscover: config?.get('autodiscover_proxy_subdomains') === '1',
  };
}

/** The labels to put before a main, addon or alias domain; never before a plain subdomain (behaviour section 2). */
export function serviceLabels(policy: ServiceNamesPolicy, isReseller: boolean): readonly string[] {
  if (!policy.isOn) return [];
  return [
    ...SERVICE_LABELS,
    ...(policy.hasAutodiscover ? AUTODISCOVER_LABELS : []),
    ...(isReseller ? RESELLER_LABELS : []),
  ];
}
