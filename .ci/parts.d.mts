export type PartName =
  | 'pebble'
  | 'newer-pebble'
  | 'nginx'
  | 'apache'
  | 'exim'
  | 'dovecot'
  | 'dovecot-pop3'
  | 'pure-ftpd'
  | 'bind'
  | 'dig'
  | 'powerdns'
  | 'powerdns-sqlite'
  | 'sqlite'
  | 'faketime'
  | 'openssl'
  | 'curl'
  | 'at'
  | 'sudo'
  | 'mandoc'
  | 'mounts'
  | 'root';
export const parts: Readonly<
  Record<PartName, { readonly package: string | null; readonly probes: readonly (readonly string[])[] }>
>;
export const goBinaries: string;
export function searchPath(environment?: NodeJS.ProcessEnv): string;
export function findProgram(name: string, environment?: NodeJS.ProcessEnv): string | undefined;
export function findPackaged(name: string, environment?: NodeJS.ProcessEnv): string | undefined;
export function missingOf(part: PartName, environment?: NodeJS.ProcessEnv): string | undefined;
export function isMissed(part: PartName, environment?: NodeJS.ProcessEnv): boolean;
export function isCi(environment?: NodeJS.ProcessEnv): boolean;
