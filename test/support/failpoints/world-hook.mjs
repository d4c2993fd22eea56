// Loaded before a program of bin/ (`node --import`): every change that the program makes to the world passes here, is
// counted, and may be its last. The built files know nothing of it: it wraps node's own modules, also for what libraries do.
//
// WORLD_HOOK, JSON: `record` a file that gets a line for each point; `killAt` the point at which the process dies by
// SIGKILL, once it is passed; `failAt` the point whose call fails with `code` instead, `isLasting` with every later one;
// `jumpAt` the point from which on the wall clock is `jumpMs` ahead; `own` what of a name belongs to this tree alone.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';

const {
  record,
  killAt,
  failAt,
  code = 'ENOSPC',
  isLasting = false,
  jumpAt,
  jumpMs = 0,
  own,
} = JSON.parse(process.env.WORLD_HOOK ?? '{}');
delete process.env.WORLD_HOOK;
const root = process.env.AUTOSSL_ROOT ?? '';
const recordTo = record === undefined ? undefined : fs.openSync(record, 'a');
const writeRecord = fs.writeSync;

const counts = new Map();
const pathOf = new Map();
let isFailing = false;
/** Within a call that is counted already. */
let depth = 0;

/** What no program changes by it: its own output, devices, and what lies in the kernel. */
const isWorld = (path) => !/^(?:\/dev\/|\/proc\/|fd [0-9]$)/.test(path);
/** A name for the point that is the same in every run: no ids, instants, pids, names of one tree alone. */
function nameOf(op, path) {
  let text = path.startsWith(root) ? path.slice(root.length) : path;
  if (own !== undefined) text = text.replaceAll(own, 'OWN');
  return `${op} ${text
    .replace(/\.autossl-tmp-\d+-[0-9a-f]+/g, 'TMP')
    .replace(/\d{4}-\d\d-\d\dT[\d:.-]+Z(?:-[0-9a-f]{8})?/g, 'INSTANT')
    .replace(/[A-Za-z0-9_-]{22,}/g, 'ID')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{9,}|[0-9a-f]{12,}|\d{4,}[._]\d+[._0-9a-f-]*/g, 'ID')
    .replace(/\d{4,}/g, 'N')}`;
}

/** Counts the point; gives its name with its number. */
function pass(op, path) {
  const name = nameOf(op, path);
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  const point = `${name} #${count}`;
  if (recordTo !== undefined) writeRecord(recordTo, `${point}\n`);
  return point;
}

function die(point) {
  if (point === killAt) kill(process.pid, 'SIGKILL');
  if (point === jumpAt) jump();
}

/** What a file system that has no room says of a call: taking away goes on, everything else is refused. */
const TAKES_AWAY = ['unlink', 'rmdir', 'rm', 'close'];
function refuseIfFailing(point, op, path) {
  if (failAt === undefined) return;
  const isHere = point === failAt;
  if (isHere) isFailing = true;
  if (!isHere && !(isFailing && isLasting && path.startsWith(root))) return;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  if (isFull && TAKES_AWAY.includes(op)) return;
  throw Object.assign(new Error(`${code}: made up, ${op} '${path}'`), {
    code,
    errno: -constants.errno[code],
    syscall: op,
    path,
  });
}

function jump() {
  const RealDate = Date;
  const now = RealDate.now;
  globalThis.Date = class extends RealDate {
    constructor(...words) {
      if (words.length === 0) super(now() + jumpMs);
      else super(...words);
    }
    static now() {
      return now() + jumpMs;
    }
  };
}

const textOf = (target) => {
  if (typeof target === 'number') return pathOf.get(target) ?? `fd ${target}`;
  return target instanceof URL ? target.pathname : String(target);
};
const isMaking = (flags) =>
  typeof flags === 'string'
    ? /[wa+]/.test(flags)
    : typeof flags === 'number' && (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0;

/** Calls that change something → which argument is the path that names the point. */
const CALLS = {
  appendFile: 0,
  chmod: 0,
  chown: 0,
  copyFile: 1,
  fchmod: 0,
  fchown: 0,
  fdatasync: 0,
  fsync: 0,
  ftruncate: 0,
  lchown: 0,
  link: 1,
  lutimes: 0,
  mkdir: 0,
  mkdtemp: 0,
  rename: 1,
  rm: 0,
  rmdir: 0,
  symlink: 1,
  truncate: 0,
  unlink: 0,
  utimes: 0,
  write: 0,
  writeFile: 0,
  writev: 0,
};
const opOf = (name) =>
  name.replace(/^f(?=chmod|chown|sync|datasync|truncate)|^l(?=chown|utimes)/, '').replace(/File$/, '');

function guardSync(name, op, place, mayCount = () => true) {
  const real = fs[`${name}Sync`];
  fs[`${name}Sync`] = (...words) => {
    const path = textOf(words[place]);
    if (depth > 0 || !isWorld(path) || !mayCount(words)) return real(...words);
    const point = pass(op, path);
    refuseIfFailing(point, op, path);
    depth += 1;
    let result;
    try {
      result = real(...words);
    } finally {
      depth -= 1;
    }
    die(point);
    return result;
  };
}

function guardCallback(name, op, place, mayCount = () => true) {
  const real = fs[name];
  const guarded = (...words) => {
    const done = words.at(-1);
    const path = textOf(words[place]);
    if (depth > 0 || typeof done !== 'function' || !isWorld(path) || !mayCount(words)) return real(...words);
    const point = pass(op, path);
    try {
      refuseIfFailing(point, op, path);
    } catch (error) {
      return setImmediate(done, error);
    }
    return real(...words.slice(0, -1), (...answer) => {
      if (answer[0] === null || answer[0] === undefined) {
        if (op === 'create') pathOf.set(answer[1], path);
        die(point);
      }
      done(...answer);
    });
  };
  for (const key of Object.getOwnPropertySymbols(real)) guarded[key] = real[key];
  fs[name] = guarded;
}

function guardPromise(holder, name, op, pathFor, mayCount = () => true) {
  const real = holder[name];
  if (typeof real !== 'function') return;
  holder[name] = async function (...words) {
    const path = pathFor(this, words);
    if (!isWorld(path) || !mayCount(words)) return real.apply(this, words);
    const point = pass(op, path);
    refuseIfFailing(point, op, path);
    const result = await real.apply(this, words);
    if (op === 'create') pathOf.set(result.fd, path);
    die(point);
    return result;
  };
}

const fileHandle = Object.getPrototypeOf(await fs.promises.open('/dev/null'));
for (const [name, place] of Object.entries(CALLS)) {
  const op = opOf(name);
  if (typeof fs[`${name}Sync`] === 'function') guardSync(name, op, place);
  if (typeof fs[name] === 'function') guardCallback(name, op, place);
  guardPromise(fs.promises, name, op, (_, words) => textOf(words[place]));
}
const flagsAt = ([, flags]) => isMaking(flags);
const openSync = fs.openSync;
fs.openSync = (...words) => {
  const path = textOf(words[0]);
  if (depth > 0 || !flagsAt(words) || !isWorld(path)) {
    const descriptor = openSync(...words);
    // A folder is opened to be read, and what is done by its descriptor is a change all the same.
    pathOf.set(descriptor, path);
    return descriptor;
  }
  const point = pass('create', path);
  refuseIfFailing(point, 'create', path);
  const descriptor = openSync(...words);
  pathOf.set(descriptor, path);
  die(point);
  return descriptor;
};
guardCallback('open', 'create', 0, flagsAt);
guardPromise(fs.promises, 'open', 'create', (_, words) => textOf(words[0]), flagsAt);
for (const name of [
  'appendFile',
  'chmod',
  'chown',
  'datasync',
  'sync',
  'truncate',
  'utimes',
  'write',
  'writeFile',
  'writev',
])
  guardPromise(fileHandle, name, opOf(name), (handle) => textOf(handle.fd));

// A request to a CA: once before anything of it is sent, once when its answer has begun, unread.
for (const door of [http, https]) {
  const real = door.request;
  door.request = (...words) => {
    const request = real(...words);
    if (request.method !== 'POST') return request;
    const where = `POST ${request.path}`;
    const end = request.end;
    request.end = function (...body) {
      die(pass('before', where));
      request.once('finish', () => setImmediate(() => die(pass('sent', where))));
      return end.apply(this, body);
    };
    request.prependOnceListener('response', () => die(pass('answered', where)));
    return request;
  };
}

// What a daemon is told by a signal.
const kill = process.kill.bind(process);
process.kill = (pid, signal) => {
  if (signal === 0) return kill(pid, signal);
  const point = pass('signal', String(signal));
  const result = kill(pid, signal);
  die(point);
  return result;
};

// A program: once before it runs, once when it runs, once when it ended, its end not noticed yet.
const spawn = childProcess.spawn;
childProcess.spawn = (...words) => {
  const line = [words[0], ...(Array.isArray(words[1]) ? words[1] : [])]
    .join(' ')
    .slice(0, 200)
    .replace(/\s+/g, ' ');
  die(pass('before', line));
  const child = spawn(...words);
  die(pass('running', line));
  child.once('exit', () => die(pass('ended', line)));
  return child;
};

syncBuiltinESMExports();
