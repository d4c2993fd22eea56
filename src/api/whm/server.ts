import { hostNameIn, printable, quoteForMessage } from '../../core/domain/name/names.js';
import { findWebsites } from '../../runs/manage/certificates/find-websites.js';
import type { ApiHandler } from '../function.js';
import { ApiRefusal } from '../refusal.js';
import type { WhmHost } from './host.js';

/** `gethostname`. */
export const getHostname: ApiHandler<WhmHost> = async (_, host) => ({
  data: { hostname: (await host.openServer()).hostname },
});

/** `is_sni_supported`: every web server of the last decade does. */
export const isSniSupported: ApiHandler<WhmHost> = async () => ({ data: { sni: 1 } });

/** `enable_mail_sni`: documented to succeed with a warning, to update nothing, and to name domains that nobody here has. */
export const enableMailSni: ApiHandler<WhmHost> = async (given, host) => {
  const domains = given.names('domain');
  const { accounts } = await host.openCertificates();
  const { byName, limits } = await findWebsites(
    domains.flatMap((domain) => hostNameIn(domain) ?? []),
    accounts,
  );
  const failed = domains.filter((domain) => {
    const name = hostNameIn(domain);
    return name === null || !byName.has(name);
  });
  const why = (domain: string): string =>
    `No account of this server has ${quoteForMessage(domain)}${limits}.`;
  return {
    data: {
      failed_domains: Object.fromEntries(failed.map((domain) => [printable(domain), why(domain)])),
      updated_domains: {},
    },
    warnings: ['Certificates are always offered by SNI to mail programs: there is nothing to enable.'],
  };
};

/** `disable_mail_sni`: documented to fail. */
export const disableMailSni: ApiHandler<WhmHost> = async () => {
  throw new ApiRefusal('SNI for mail cannot be disabled.');
};

/** `rebuildinstalledssldb`: documented to do nothing. */
export const rebuildInstalledSslDb: ApiHandler<WhmHost> = async () => ({});
