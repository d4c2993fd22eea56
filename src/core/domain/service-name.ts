/** The services that have certificates for the server's own name, as the documentation calls them (behaviour section 12). */
export const SERVICE_NAMES = ['cpanel', 'exim', 'dovecot', 'ftp'] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Whether the text is one of the documented names. */
export function isServiceName(text: string): text is ServiceName {
  return SERVICE_NAMES.some((name) => name === text);
}
