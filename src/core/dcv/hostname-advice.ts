import { adviceFor } from './advice.js';

/** The advice on a failed name, where that is what this server is called: nobody can do without it. */
export function adviceForHostname(code: string, hostname: string, advice: string): string {
  if (code !== 'NXDOMAIN' || advice !== ofAnyName(hostname)) return advice;
  return `Create an A (or AAAA) record for ${hostname} that leads to this server, or call this server by a name that the DNS has (hostnamectl set-hostname).`;
}

function ofAnyName(host: string): string {
  return adviceFor('NXDOMAIN', { host, address: null, isElsewhere: false });
}
