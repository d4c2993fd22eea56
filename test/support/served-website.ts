/** A website of an account, and where a web server serves it. */
export interface ServedWebsite {
  readonly account: string;
  readonly vhost: string;
  readonly names: readonly string[];
  readonly kind: 'nginx' | 'apache';
  /** Of this server, an IP address. */
  readonly address: string;
  /** Whether it has a site with TLS, which names its `combined`. */
  readonly isTls: boolean;
}

/** Where what a site names is. */
export interface SitePlaces {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** The folder that challenges are fetched from. */
  readonly challenges: string;
  readonly combined: string;
  /** Folder of the page that every visitor is shown. */
  readonly page: string;
  /** Further directives of the site with TLS. */
  readonly more?: string;
}

/** What a web server's configuration says of a website: served over http, and over https from its `combined`. */
export function siteText(website: ServedWebsite, places: SitePlaces): string {
  return website.kind === 'nginx' ? nginxSite(website, places) : apacheSite(website, places);
}

function nginxSite({ names, address, isTls }: ServedWebsite, places: SitePlaces): string {
  const { httpPort, httpsPort, challenges, combined, page, more = '' } = places;
  const tls = [
    `  listen ${socket(address, httpsPort)} ssl;`,
    `  ssl_certificate ${combined};`,
    `  ssl_certificate_key ${combined};`,
    `  ${more}`,
  ];
  return `server {
  listen ${socket(address, httpPort)};
  server_name ${names.join(' ')};
  root ${page};
${isTls ? tls.join('\n') : ''}
  location ^~ /.well-known/acme-challenge/ { alias ${challenges}/; default_type text/plain; }
}
`;
}

function apacheSite({ names, address, isTls }: ServedWebsite, places: SitePlaces): string {
  const { httpPort, httpsPort, challenges, combined, page, more = '' } = places;
  const common = `  ServerName ${names[0]}
  ServerAlias ${names.join(' ')}
  DocumentRoot ${page}
  Alias /.well-known/acme-challenge/ ${challenges}/
  <Directory ${challenges}/>
    Require all granted
    Options None
    ForceType text/plain
  </Directory>`;
  const plain = `<VirtualHost ${socket(address, httpPort)}>\n${common}\n</VirtualHost>\n`;
  const tls = `<VirtualHost ${socket(address, httpsPort)}>
${common}
  SSLEngine on
  SSLCertificateFile ${combined}
  ${more}
</VirtualHost>
`;
  return isTls ? plain + tls : plain;
}

function socket(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
