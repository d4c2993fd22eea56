/**
 * The program of the helper process, as text: it is given to `node -e`, so that neither our code nor its folder need be
 * readable for the account, and no bundler can change what it refers to. Plain JavaScript, node:fs and nothing else.
 *
 * Lines of JSON in both directions. The first line in names whom to become: {uid, gid, base, home}; it is answered as
 * request 0. Then {id, op: "place", documentRoot, token, content, isForCa}, {id, op: "clean", documentRoot, token,
 * placedAtMs} and {op: "leave"}, which ends it with its files left in place. At end of input (our parent died) it takes
 * away those that only our parent wanted; a CA that was asked to validate still comes for the others, and the next run
 * takes them away.
 *
 * All file system calls are synchronous: one thread, which has dropped root for good, does all of them.
 */
export const ACCOUNT_HELPER_SOURCE = String.raw`
import fs from 'node:fs';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;
// Linux; node does not name it. A folder opened so needs no read permission (a home's parent is 0711).
const O_PATH = 0o10000000;
const FOLDER = O_PATH | O_DIRECTORY | O_NOFOLLOW;
const MAX_LINKS = 8;
const MAX_LINE = 65536;
const MAX_CHALLENGE_BYTES = 1024;
// What is made for one request, first and last, lies no further apart, in ms: the time of a request, generously.
const MADE_TOGETHER_MS = 30000;
// By so much may the clock of file systems lie behind the other, in ms: a tick of any kernel, and rounding.
const TICK_MS = 20;
const ATTEMPTS = 3;

// fault: whether root alone can mend it ("ours"), or the customer can ("owner").
class Refusal extends Error {
  constructor(message, fault = 'owner') {
    super(message);
    this.fault = fault;
  }
}

const REASONS = {
  ENOENT: 'does not exist',
  EACCES: 'may not be used by the account',
  EPERM: 'may not be changed by the account',
  EROFS: 'is on a read-only file system',
  ENOSPC: 'has no space left',
  EDQUOT: 'has no quota left',
  EIO: 'cannot be read or written',
  ENOTDIR: 'is not a folder',
  ELOOP: 'is a link',
  EEXIST: 'is there already and is not ours',
  ENAMETOOLONG: 'has too long a name',
};
// What the file system as a whole does, whoever's folder it is: no account can mend it. A quota is the account's own.
const OURS = ['EROFS', 'ENOSPC', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM'];
const refusal = (error, what, fault) => {
  if (error instanceof Refusal) return error;
  const why = REASONS[error.code] || 'cannot be used (' + (error.code || 'error') + ')';
  return new Refusal(what + ' ' + why, OURS.includes(error.code) ? 'ours' : fault);
};
// What is denied is denied by the folder that holds the thing.
const isClosed = (error) => error.code === 'EACCES' || error.code === 'EPERM';

// ---- Becoming the account, for good

let hasDropped = false;

function become({ uid, gid }) {
  if (process.geteuid() !== 0) {
    if (process.geteuid() !== uid) throw new Refusal('this process is not the expected user');
    return;
  }
  const isId = (id) => Number.isSafeInteger(id) && id > 0 && id < 4294967295;
  if (!isId(uid) || !isId(gid)) throw new Refusal('the account would be root');
  process.setgroups([gid]);
  process.setgid(gid);
  process.setuid(uid);
  assertDropped(uid, gid);
  hasDropped = true;
}

function assertDropped(uid, gid) {
  if (process.getuid() !== uid || process.geteuid() !== uid) throw new Refusal('the uid did not change');
  const groups = [process.getgid(), process.getegid(), ...process.getgroups()];
  if (groups.some((group) => group !== gid)) throw new Refusal('the groups did not change');
  for (const regain of [() => process.setuid(0), () => process.setgid(0)]) {
    let isBack = true;
    try {
      regain();
    } catch {
      isBack = false;
    }
    if (isBack) throw new Refusal('root could be regained');
  }
  const status = fs.readFileSync('/proc/self/status', 'latin1');
  const masks = [...status.matchAll(/^Cap(?:Prm|Eff|Amb):\s*([0-9a-f]+)$/gm)];
  if (masks.length < 2 || masks.some((mask) => !/^0+$/.test(mask[1]))) throw new Refusal('capabilities stayed');
}

// ---- Walking to a folder, one component at a time, never through a link of the customer's that leaves the home

const below = (fd, name) => '/proc/self/fd/' + fd + '/' + name;
const split = (path) => path.split('/').filter((name) => name !== '' && name !== '.');
const isBeneath = (path, folder) => folder === '/' || path === folder || path.startsWith(folder + '/');

function resolveFrom(folder, target) {
  const names = target.startsWith('/') ? [] : split(folder);
  for (const name of split(target)) {
    if (name === '..') names.pop();
    else names.push(name);
  }
  return '/' + names.join('/');
}

// The link's target, and whether root alone can have made it and can change it.
function readLink(fd, name, shown) {
  let link;
  try {
    link = fs.lstatSync(below(fd, name));
  } catch (error) {
    throw refusal(error, shown);
  }
  if (!link.isSymbolicLink()) throw new Refusal(shown + ' is not a folder');
  const folder = fs.fstatSync(fd);
  const isRoots = link.uid === 0 && folder.uid === 0 && (folder.mode & 0o022) === 0;
  return { target: fs.readlinkSync(below(fd, name)), isRoots };
}

// Calls use(fd, path) with the opened folder; path is real.
function inFolder(path, home, use) {
  let names = split(path);
  let done = [];
  let links = 0;
  let fd = fs.openSync('/', FOLDER);
  try {
    while (names.length > 0) {
      const name = names.shift();
      const shown = '/' + [...done, name].join('/');
      if (name === '..') throw new Refusal('the path climbs with “..”');
      let next;
      try {
        next = fs.openSync(below(fd, name), FOLDER);
        done.push(name);
      } catch (error) {
        if (error.code !== 'ENOTDIR' && error.code !== 'ELOOP') {
          // What lies neither in the home nor in a folder of its own the account cannot mend.
          const isOwn = (home !== null && isBeneath(shown, home)) || fs.fstatSync(fd).uid === me.uid;
          throw refusal(error, isClosed(error) ? '/' + done.join('/') : shown, isOwn ? 'owner' : 'ours');
        }
        const link = readLink(fd, name, shown);
        const target = resolveFrom('/' + done.join('/'), link.target);
        links += 1;
        if (links > MAX_LINKS) throw new Refusal(shown + ' is one link too many');
        if (!isBeneath(target, me.base)) {
          throw new Refusal(shown + ' is a link that leaves the tree', link.isRoots ? 'ours' : 'owner');
        }
        if (!link.isRoots && (home === null || !isBeneath(target, home))) {
          throw new Refusal(shown + ' is a link that leaves the home folder of the account');
        }
        names = split(target).concat(names);
        done = [];
        next = fs.openSync('/', FOLDER);
      }
      fs.closeSync(fd);
      fd = next;
    }
    return use(fd, '/' + done.join('/'));
  } finally {
    fs.closeSync(fd);
  }
}

function realHome() {
  try {
    return inFolder(me.home, null, (fd, path) => path);
  } catch {
    return null;
  }
}

function inDocumentRoot(documentRoot, use) {
  const home = realHome();
  return inFolder(documentRoot, home, (fd, path) => {
    const isInHome = home !== null && isBeneath(path, home);
    // When we are not root, everything of ours has one owner: then only the home tells accounts apart.
    const isOwn = hasDropped && fs.fstatSync(fd).uid === me.uid;
    if (!isInHome && !isOwn) {
      throw new Refusal(path + ' neither lies in the home folder of the account nor belongs to it', 'ours');
    }
    return use(fd);
  });
}

// ---- The challenge folder

const CHALLENGE_FOLDER = ['.well-known', 'acme-challenge'];
const isSame = (a, b) => a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
const inodeOf = (path) => fs.lstatSync(path, { throwIfNoEntry: false });

// documentRoot and token of each file made, with its inode; folders made, with theirs. Of the files: those that a CA
// comes for. By documentRoot: when dead helpers of ours made folders there, if they did: what was made then was theirs.
const files = new Map();
const folders = new Map();
const filesForCa = new Set();
const inherited = new Map();
const keyOf = (...parts) => JSON.stringify(parts);

// Opens the folder of that depth in its parent, not through a link; with isMade it is made first if it is missing.
function inChild(parent, documentRoot, depth, isMade, use) {
  const name = CHALLENGE_FOLDER[depth];
  const holder = depth === 0 ? 'the document root' : CHALLENGE_FOLDER[depth - 1];
  const blamed = (error) => refusal(error, isClosed(error) ? holder : name);
  let hasMade = false;
  if (isMade) {
    try {
      fs.mkdirSync(below(parent, name), 0o755);
      hasMade = true;
    } catch (error) {
      if (error.code !== 'EEXIST') throw blamed(error);
    }
  }
  let child;
  try {
    child = fs.openSync(below(parent, name), FOLDER);
  } catch (error) {
    if (error.code === 'ENOENT') throw error;
    throw blamed(error);
  }
  try {
    if (hasMade) folders.set(keyOf(documentRoot, depth), fs.fstatSync(child));
    return use(child);
  } finally {
    fs.closeSync(child);
  }
}

function place({ documentRoot, token, content, isForCa }) {
  if (isForCa === true) filesForCa.add(keyOf(documentRoot, token));
  for (let attempt = 1; ; attempt++) {
    try {
      inDocumentRoot(documentRoot, (root) =>
        inChild(root, documentRoot, 0, true, (wellKnown) =>
          inChild(wellKnown, documentRoot, 1, true, (challenges) => {
            const key = keyOf(documentRoot, token);
            const { made, replaced } = write(challenges, token, content);
            if (replaced !== undefined && !files.has(key)) inheritBefore(documentRoot, replaced);
            files.set(key, made);
          }),
        ),
      );
      return;
    } catch (error) {
      // Another run may just have removed the empty folder.
      if (error.code !== 'ENOENT' || attempt === ATTEMPTS) throw refusal(error, 'the challenge folder');
    }
  }
}

function write(folder, token, content) {
  const path = below(folder, token);
  const replaced = factsOfOurs(path, token);
  if (replaced !== undefined) fs.unlinkSync(path);
  let fd;
  try {
    fd = fs.openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    if (error.code === 'ENOENT') throw error;
    throw refusal(error, isClosed(error) ? CHALLENGE_FOLDER[1] : 'the challenge file');
  }
  try {
    fs.writeFileSync(fd, content);
    fs.fchmodSync(fd, 0o644);
    return { made: fs.fstatSync(fd), replaced };
  } catch (error) {
    try {
      fs.unlinkSync(path);
    } catch {}
    throw refusal(error, 'the challenge file');
  } finally {
    fs.closeSync(fd);
  }
}

// Of a regular file of the account that begins as the file of this token must: left by a run that crashed.
function factsOfOurs(path, token) {
  let fd;
  try {
    fd = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const facts = fs.fstatSync(fd);
    if (!facts.isFile() || facts.uid !== me.uid || facts.size > MAX_CHALLENGE_BYTES) return undefined;
    const isOurs = facts.size === 0 || fs.readFileSync(fd, 'utf8').startsWith(token + '.');
    return isOurs ? facts : undefined;
  } finally {
    fs.closeSync(fd);
  }
}

// Takes away the file that we made (or an earlier helper of ours), and the folders that we made if they are empty.
// placedAtMs: when it was placed, by the journal; null when that is not known.
function clean({ documentRoot, token, placedAtMs }) {
  const key = keyOf(documentRoot, token);
  const ours = files.get(key);
  files.delete(key);
  filesForCa.delete(key);
  if (ours === undefined && typeof placedAtMs === 'number') {
    inherit(documentRoot, placedAtMs - TICK_MS, placedAtMs + MADE_TOGETHER_MS);
  }
  try {
    inDocumentRoot(documentRoot, (root) => {
      inChild(root, documentRoot, 0, false, (wellKnown) => {
        inChild(wellKnown, documentRoot, 1, false, (challenges) => {
          const path = below(challenges, token);
          const left = ours === undefined ? factsOfOurs(path, token) : undefined;
          if (left !== undefined) inheritBefore(documentRoot, left);
          if (left !== undefined || isSame(ours, inodeOf(path))) fs.unlinkSync(path);
        });
        removeMade(wellKnown, documentRoot, 1);
      });
      removeMade(root, documentRoot, 0);
    });
  } catch (error) {
    if (error.code !== 'ENOENT') throw refusal(error, 'the challenge file');
  }
}

function inherit(documentRoot, fromMs, toMs) {
  inherited.set(documentRoot, [...(inherited.get(documentRoot) || []), { fromMs, toMs }]);
}

// A file of a dead helper: the folders were made just before it.
function inheritBefore(documentRoot, { birthtimeMs }) {
  inherit(documentRoot, birthtimeMs - MADE_TOGETHER_MS, birthtimeMs);
}

function isInherited(documentRoot, { birthtimeMs }) {
  const times = inherited.get(documentRoot) || [];
  return times.some(({ fromMs, toMs }) => birthtimeMs >= fromMs && birthtimeMs <= toMs);
}

function removeMade(parent, documentRoot, depth) {
  const key = keyOf(documentRoot, depth);
  const path = below(parent, CHALLENGE_FOLDER[depth]);
  try {
    const facts = inodeOf(path);
    if (facts === undefined || facts.uid !== me.uid) return;
    if (!isSame(folders.get(key), facts) && !isInherited(documentRoot, facts)) return;
    fs.rmdirSync(path);
    folders.delete(key);
  } catch {}
}

function cleanAll() {
  for (const key of [...files.keys()].filter((one) => !filesForCa.has(one))) {
    const [documentRoot, token] = JSON.parse(key);
    try {
      clean({ documentRoot, token });
    } catch {}
  }
}

// ---- Requests

let me;
const send = (answer) => process.stdout.write(JSON.stringify(answer) + '\n');

function answer(line) {
  const request = JSON.parse(line);
  if (me === undefined) {
    become(request);
    process.umask(0o022);
    me = request;
    send({ id: 0, ok: true });
    return;
  }
  if (request.op === 'leave') process.exit(0);
  try {
    if (!/^[A-Za-z0-9_-]{1,128}$/.test(request.token)) throw new Refusal('the token may not name a file');
    if (request.op === 'place') place(request);
    else if (request.op === 'clean') clean(request);
    else throw new Refusal('unknown request');
    send({ id: request.id, ok: true });
  } catch (error) {
    const { message, fault } = refusal(error, 'the document root');
    send({ id: request.id, ok: false, why: message.slice(0, 500), fault });
  }
}

let input = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (part) => {
  input += part;
  for (let end = input.indexOf('\n'); end >= 0; end = input.indexOf('\n')) {
    const line = input.slice(0, end);
    input = input.slice(end + 1);
    try {
      answer(line);
    } catch (error) {
      send({ id: 0, ok: false, why: String(error && error.message).slice(0, 500) });
      cleanAll();
      process.exit(1);
    }
  }
  if (input.length > MAX_LINE) process.exit(1);
});
process.stdin.on('end', () => {
  cleanAll();
  process.exit(0);
});
process.stdout.on('error', () => {
  cleanAll();
  process.exit(0);
});
`;
