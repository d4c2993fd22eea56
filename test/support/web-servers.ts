import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Daemon, startDaemon } from './daemons.js';
import { programPath } from './parts.js';

/** A web server from Debian's packages in a prefix and on ports of its own, with the README's files as its configuration. */
export interface WebServer {
  /** What its reload is, as the README's `systemctl reload` would do it. */
  readonly reloadCommand: readonly string[];
  /** Writes one of its configuration files; takes effect at the next reload. */
  configure(name: string, text: string): void;
  stop(): Promise<void>;
}

export interface WebServerPlace {
  /** A folder of its own. */
  readonly prefix: string;
  /** For the question whether it is ready. */
  readonly httpPort: number;
}

/** Debian's nginx with `conf.d/*.conf`, its workers under its own user where root starts it. */
export async function startNginx(
  { prefix, httpPort }: WebServerPlace,
  files: Readonly<Record<string, string>>,
): Promise<WebServer> {
  const program = programPath('nginx');
  const folders = ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const main = [
    ...(process.getuid?.() === 0 ? ['user www-data;'] : []),
    'worker_processes 1; pid nginx.pid; error_log error.log notice;',
    'events { worker_connections 512; }',
    'http {',
    '  access_log access.log;',
    `  ${folders.map((name) => `${name === 'body' ? 'client_body' : name}_temp_path tmp/${name};`).join(' ')}`,
    '  include conf.d/*.conf;',
    '}',
  ];
  return startServer(prefix, { 'nginx.conf': `${main.join('\n')}\n`, ...files }, ['tmp', 'conf.d'], {
    start: [program, '-p', prefix, '-c', 'nginx.conf', '-e', 'error.log', '-g', 'daemon off;'],
    reload: [program, '-p', prefix, '-c', 'nginx.conf', '-e', 'error.log', '-s', 'reload'],
    httpPort,
  });
}

const APACHE_MODULES = ['mpm_event', 'authz_core', 'alias', 'dir', 'mime', 'socache_shmcb', 'ssl'];

/** Debian's Apache with the modules that its own default configuration has on for these files. */
export async function startApache(
  { prefix, httpPort }: WebServerPlace,
  listen: readonly number[],
  files: Readonly<Record<string, string>>,
): Promise<WebServer> {
  const program = programPath('apache2');
  const main = [
    `ServerRoot ${prefix}`,
    `DefaultRuntimeDir ${prefix}/run`,
    'PidFile run/httpd.pid',
    `Mutex file:${prefix}/run default`,
    'ServerName localhost',
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
    ...APACHE_MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
    'TypesConfig /etc/mime.types',
    ...listen.map((port) => `Listen 127.0.0.1:${port}`),
    'StartServers 1',
    'ErrorLog error.log',
    'SSLSessionCache none',
    // As Debian's apache2.conf has it: nothing is granted but what is granted.
    '<Directory />\nOptions FollowSymLinks\nAllowOverride None\nRequire all denied\n</Directory>',
    'IncludeOptional conf-available/*.conf',
    'IncludeOptional sites-available/*.conf',
  ];
  const words = ['-d', prefix, '-f', 'httpd.conf'];
  return startServer(
    prefix,
    { 'httpd.conf': `${main.join('\n')}\n`, ...files },
    ['run', 'conf-available', 'sites-available'],
    {
      start: [program, ...words, '-DFOREGROUND'],
      reload: [program, ...words, '-k', 'graceful'],
      httpPort,
    },
  );
}

async function startServer(
  prefix: string,
  files: Readonly<Record<string, string>>,
  folders: readonly string[],
  how: { readonly start: readonly string[]; readonly reload: readonly string[]; readonly httpPort: number },
): Promise<WebServer> {
  const configure = (name: string, text: string): void => {
    const path = join(prefix, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  for (const folder of folders) mkdirSync(join(prefix, folder), { recursive: true });
  for (const [name, text] of Object.entries(files)) configure(name, text);
  const [command = '', ...words] = how.start;
  const daemon: Daemon = await startDaemon(command, words, {
    cwd: prefix,
    isReady: async () => (await fetch(`http://127.0.0.1:${how.httpPort}/`)).status > 0,
  });
  return { reloadCommand: how.reload, configure, stop: () => daemon.stop() };
}
