import type { ApiHandler } from '../function.js';
import { ApiRefusal } from '../refusal.js';
import type { WhmHost } from './host.js';

/** `gethostname`. */
export const getHostname: ApiHandler<WhmHost> = async (_, host) => ({
  data: { hostname: (await host.openServer()).hostname },
});

/** `is_sni_supported`: every web server of the last decade does. */
export const isSniSupported: ApiHandler<WhmHost> = async () => ({ data: { sni: 1 } });

/** `enable_mail_sni`: documented to succeed with a warning. */
export const enableMailSni: ApiHandler<WhmHost> = async () => ({
  warnings: ['Certificates are always offered by SNI to mail programs: there is nothing to enable.'],
});

/** `disable_mail_sni`: documented to fail. */
export const disableMailSni: ApiHandler<WhmHost> = async () => {
  throw new ApiRefusal('SNI for mail cannot be disabled.');
};

/** `rebuildinstalledssldb`: documented to do nothing. */
export const rebuildInstalledSslDb: ApiHandler<WhmHost> = async () => ({});
