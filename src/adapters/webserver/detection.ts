import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { WebServer } from '../../runs/ports/installation.js';
import type { WebServerSettings } from '../../runs/ports/settings.js';
import { findMaster, type MasterFinder } from '../system/daemon/master-finder.js';
import { findMasters, isTrustedProgram, type MasterProcess } from '../system/daemon/process-table.js';
import { inheritedEnvironment, ServerControl } from '../system/daemon/server-control.js';
import type { Tree } from '../system/tree.js';
import { CommandServer } from './command-server.js';
import { SERVER_KINDS, type ServerArguments, type ServerKind } from './server-kinds.js';

/**
 * The web servers that certificates are installed for, in the order of the settings, nginx before Apache (design 5.11).
 * `kind: auto` is every nginx and Apache that runs now; with a reload command it is the one that runs, by that command,
 * or the command alone where none or several run. In a private tree it finds none: a test or a demo never reloads the
 * machine's own. A server whose kind is named is there also while it does not run. `mastersOf`: for `auto`, the main
 * processes there are.
 */
export function detectWebServers(
  servers: readonly WebServerSettings[],
  tree: Tree,
  mastersOf: typeof findMasters = findMasters,
): readonly WebServer[] {
  return servers.flatMap((settings) => serversOf(settings, tree, mastersOf));
}

function serversOf(
  settings: WebServerSettings,
  tree: Tree,
  mastersOf: typeof findMasters,
): readonly WebServer[] {
  switch (settings.kind) {
    case 'none':
      return [];
    case 'command':
      return [new CommandServer(settings)];
    case 'auto': {
      const running = tree.isPrivate
        ? []
        : Object.values(SERVER_KINDS).flatMap((kind) => runningServers(kind, settings, mastersOf));
      // Which of several a command reloads, nobody knows.
      const isPlain = settings.reloadCommand === null || running.length === 1;
      return isPlain ? running : [new CommandServer(settings)];
    }
    default:
      return [namedServer(SERVER_KINDS[settings.kind], settings)];
  }
}

/** Every one that runs; of two with the same configuration (the older one is ending) the younger. */
function runningServers(
  kind: ServerKind,
  settings: WebServerSettings,
  mastersOf: typeof findMasters,
): readonly WebServer[] {
  const found: MasterProcess[] = [];
  for (const master of mastersOf(kind.programs)) {
    const isKnown = found.some((other) => kind.isSame(argumentsOf(kind, other), argumentsOf(kind, master)));
    if (!isKnown && isTrustedProgram(master.program)) found.push(master);
  }
  return found.map((master) => {
    const given = argumentsOf(kind, master);
    const accepts = (other: MasterProcess): boolean => kind.isSame(argumentsOf(kind, other), given);
    return serverOf(kind, settings, { programs: kind.programs, pidFile: null, accepts }, given, master);
  });
}

/** Which of several is meant, the pid file says, else the arguments, else it is the one that runs. */
function namedServer(kind: ServerKind, settings: WebServerSettings): WebServer {
  const own = settings.program === null ? [] : [basename(settings.program)];
  const named: ServerArguments | null =
    settings.arguments.length === 0 ? null : { argv: settings.arguments, cwd: '/' };
  const finder: MasterFinder = {
    programs: [...own, ...kind.programs],
    pidFile: settings.pidFile,
    accepts: (master) => named === null || kind.isSame(argumentsOf(kind, master), named),
  };
  const master = findMaster(finder);
  const given = named ?? (master === undefined ? { argv: [], cwd: '/' } : argumentsOf(kind, master));
  return serverOf(kind, settings, finder, given, master);
}

function serverOf(
  kind: ServerKind,
  settings: WebServerSettings,
  finder: MasterFinder,
  given: ServerArguments,
  master: MasterProcess | undefined,
): WebServer {
  const control = new ServerControl(
    finder,
    {
      path:
        settings.program ??
        master?.program ??
        kind.usualPaths.find((path) => existsSync(path)) ??
        kind.programs[0] ??
        '',
      environment: inheritedEnvironment(master?.environment ?? {}),
      unit: master?.unit ?? null,
    },
    settings.timeoutMs,
  );
  const { testCommand: test, reloadCommand: reload, startCommand: start } = settings;
  return kind.make(control, given, { test, reload, start });
}

function argumentsOf(kind: ServerKind, { commandLine, cwd }: MasterProcess): ServerArguments {
  return { argv: kind.argumentsOf(commandLine), cwd };
}
