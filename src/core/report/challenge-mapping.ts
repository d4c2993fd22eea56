import type { WebServerKind } from '../plan/served/server-site.js';

const PATH = '/.well-known/acme-challenge/';

/** The configuration by which a server answers the challenges from a folder; as README.md prints it. */
export function challengeMapping(server: WebServerKind, folder: string): readonly string[] {
  return server === 'nginx'
    ? [`location ^~ ${PATH} {`, `    alias ${folder}/;`, '    default_type text/plain;', '}']
    : [
        `Alias ${PATH} ${folder}/`,
        `<Directory ${folder}/>`,
        '    Require all granted',
        '    Options None',
        '    AllowOverride None',
        '    ForceType text/plain',
        '</Directory>',
      ];
}
