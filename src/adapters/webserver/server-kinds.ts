import type { WebServer } from '../../runs/ports/installation.js';
import type { ServerCommands, ServerControl } from '../system/daemon/server-control.js';
import { isSameApache, parseApacheArguments } from './apache/apache-invocation.js';
import { ApacheServer } from './apache/apache-server.js';
import { isSameNginx, nginxArgumentsOf, parseNginxArguments } from './nginx/nginx-invocation.js';
import { NginxServer } from './nginx/nginx-server.js';

/** Arguments of a server's program, and the folder from which relative ones count. */
export interface ServerArguments {
  readonly argv: readonly string[];
  readonly cwd: string;
}

/** What tells one kind of web server from another when it is looked for. */
export interface ServerKind {
  /** Names under which its program runs. */
  readonly programs: readonly string[];
  /** Where it is looked for while it does not run. */
  readonly usualPaths: readonly string[];
  /** The arguments within a running one's command line. */
  readonly argumentsOf: (commandLine: readonly string[]) => readonly string[];
  /** Whether both name the same configuration. */
  readonly isSame: (a: ServerArguments, b: ServerArguments) => boolean;
  readonly make: (control: ServerControl, given: ServerArguments, commands: ServerCommands) => WebServer;
}

const nginx: ServerKind = {
  programs: ['nginx', 'openresty', 'angie'],
  usualPaths: ['/usr/sbin/nginx', '/usr/local/nginx/sbin/nginx', '/usr/local/openresty/nginx/sbin/nginx'],
  argumentsOf: nginxArgumentsOf,
  isSame: (a, b) => isSameNginx(parseNginxArguments(a.argv, a.cwd), parseNginxArguments(b.argv, b.cwd)),
  make: (control, { argv, cwd }, commands) =>
    new NginxServer(control, parseNginxArguments(argv, cwd), commands),
};

const apache: ServerKind = {
  programs: ['apache2', 'httpd'],
  // Debian's wrapper knows the environment that its configuration needs.
  usualPaths: ['/usr/sbin/apache2ctl', '/usr/sbin/httpd', '/usr/local/apache2/bin/httpd'],
  argumentsOf: (commandLine) => commandLine.slice(1),
  isSame: (a, b) => isSameApache(parseApacheArguments(a.argv, a.cwd), parseApacheArguments(b.argv, b.cwd)),
  make: (control, { argv, cwd }, commands) =>
    new ApacheServer(control, parseApacheArguments(argv, cwd), commands),
};

/** In the order in which servers are dealt with. */
export const SERVER_KINDS = { nginx, apache } as const;
