import { isIPv6 } from 'node:net';

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
  /** Null: it is not served over http. */
  readonly httpPort: number | null;
  readonly httpsPort: number;
  /** The folder that challenges are fetched from. */
  readonly challenges: string;
  readonly combined: string;
  /** Folder of the page that every visitor is shown. */
  readonly page: string;
  /** Further directives of the site with TLS. */
  readonly more?: string;
}

type Site = Pick<ServedWebsite, 'kind' | 'names' | 'address' | 'isTls'>;

/** What a web server's configuration says of a website: served over http, and over https from its `combined`. */
export function siteText(site: Site, places: SitePlaces): string {
  return site.kind === 'nginx' ? nginxSite(site, places) : apacheSite(site, places);
}

function nginxSite({ names, address, isTls }: Site, places: SitePlaces): string {
  const { httpPort, httpsPort, challenges, combined, page, more = '' } = places;
  return [
    'server {',
    ...(httpPort === null ? [] : [`listen ${socket(address, httpPort)};`]),
    `server_name ${names.join(' ')};`,
    `root ${page};`,
    `location ^~ /.well-known/acme-challenge/ { alias ${challenges}/; default_type text/plain; }`,
    ...(isTls
      ? [
          `listen ${socket(address, httpsPort)} ssl;`,
          `ssl_certificate ${combined};`,
          `ssl_certificate_key ${combined};`,
          more,
        ]
      : []),
    '}',
    '',
  ].join('\n');
}

function apacheSite({ names, address, isTls }: Site, places: SitePlaces): string {
  const { httpPort, httpsPort, challenges, combined, page, more = '' } = places;
  const common = [
    `ServerName ${names[0]}`,
    `ServerAlias ${names.join(' ')}`,
    `DocumentRoot ${page}`,
    `Alias /.well-known/acme-challenge/ ${challenges}/`,
    `<Directory ${challenges}/>`,
    'Require all granted',
    'Options None',
    'ForceType text/plain',
    '</Directory>',
  ];
  const block = (port: number, lines: readonly string[]): readonly string[] => [
    `<VirtualHost ${address === '0.0.0.0' ? `*:${port}` : socket(address, port)}>`,
    ...common,
    ...lines,
    '</VirtualHost>',
    '',
  ];
  return [
    ...(httpPort === null ? [] : block(httpPort, [])),
    ...(isTls ? block(httpsPort, ['SSLEngine on', `SSLCertificateFile ${combined}`, more]) : []),
  ].join('\n');
}

/** As configurations write it. */
export function socket(address: string, port: number): string {
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
