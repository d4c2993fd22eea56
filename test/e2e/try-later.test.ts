import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { describeWithParts } from '../support/needs.js';
import { type InsideOptions, PrivateAt } from '../support/private-at.js';

/** The documented check, which ends with 0. */
const DOCUMENTED_CHECK = '/bin/sh -c exit 1';
const QUIET = { stdout: '', stderr: '' };

/** Starts a program, waits for a file, signals the program; ends as the program does. */
const STARTER = `
const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const [begun, signal, ...argv] = process.argv.slice(1);
const child = spawn(argv[0], argv.slice(1), { stdio: 'inherit' });
const timer = setInterval(() => {
  if (!existsSync(begun)) return;
  clearInterval(timer);
  child.kill(signal);
}, 20);
child.on('exit', (code) => {
  clearInterval(timer);
  process.exitCode = code ?? 99;
});
`;

describeWithParts('try-later, with a real at(1)', ['root', 'mounts', 'at', 'faketime'], () => {
  let at: PrivateAt;
  beforeAll(() => buildPrograms());
  beforeEach(async () => {
    at = await PrivateAt.open();
  });
  afterEach(() => at.close());

  const tryLater = (words: readonly string[], options?: InsideOptions) =>
    at.runBin('try-later', words, options);
  const path = (name: string): string => join(at.folder, name);
  /** A command that leaves a line in a file each time it runs. */
  const noting = (name: string): string => `echo ${name} >> ${path(name)}`;
  const timesOf = (name: string): number =>
    existsSync(path(name)) ? readFileSync(path(name), 'utf8').trim().split('\n').length : 0;
  /** A check that fails so many times, and succeeds from then on; it notes each time in "checked". */
  const failing = (times: number): string => {
    return `${noting('checked')}; [ $(wc -l < ${path('checked')}) -gt ${times} ]`;
  };

  /** Runs try-later and signals it once its command has made the file "begun". */
  const stopping = (words: readonly string[], signal: string) =>
    at.run([
      ...[process.execPath, '-e', STARTER, path('begun'), `SIG${signal}`],
      ...[process.execPath, join(process.cwd(), 'bin/try-later'), ...words],
    ]);

  test('a check that succeeds at once: the action once, with its exit code, and nothing queued', async () => {
    const ended = await tryLater(['--check', failing(0), '--action', `${noting('acted')}; echo out; exit 7`]);
    expect(ended).toEqual({ exitCode: 7, stdout: 'out\n', stderr: '' });
    expect([timesOf('checked'), timesOf('acted')]).toEqual([1, 1]);
    expect(at.jobs()).toEqual([]);
  });

  test('fails twice, then succeeds: two jobs, one after the other, the action once, no word mailed', async () => {
    const words = ['--delay', '1', '--max-retries', '5'];
    const first = await tryLater(['--check', failing(2), '--action', noting('acted'), ...words]);
    expect(first).toMatchObject({ exitCode: 0, stdout: '' });
    expect(first.stderr).toMatch(
      /^try-later: the check failed; job 1 checks at \d{4}-\d\d-\d\dT\d\d:\d\dZ$/m,
    );
    expect(at.jobs()).toEqual(['1']);
    await at.runJobsAfter(2);
    expect([timesOf('checked'), timesOf('acted')]).toEqual([2, 0]);
    expect(at.jobs()).toEqual(['2']);
    await at.runJobsAfter(2);
    expect([timesOf('checked'), timesOf('acted')]).toEqual([3, 1]);
    expect(at.jobs()).toEqual([]);
    expect(at.takeMails()).toEqual([]);
  });

  test('under a running daemon nothing at all is mailed when all goes well', async () => {
    await at.startAtd();
    const ended = await tryLater([
      ...['--check', failing(3), '--action', noting('acted')],
      ...['--delay', '0', '--max-retries', '5'],
    ]);
    expect(ended).toMatchObject({ exitCode: 0, stdout: '' });
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    await at.until(() => timesOf('acted') === 1, 'the action');
    await at.untilEmpty();
    expect([timesOf('checked'), timesOf('acted')]).toEqual([4, 1]);
    expect(at.takeMails()).toEqual([]);
  });

  test.each([
    ['absent', [], 0, 0, 'no retry is left'],
    ['0', ['--act-finally', '0'], 0, 0, 'no retry is left'],
    ['1', ['--act-finally', '1'], 1, 0, null],
    ['a script', ['--act-finally', 'FINALLY; echo said'], 0, 1, 'said'],
    ['words', ['--act-finally', '/bin/sh', '-c', 'FINALLY'], 0, 1, null],
  ])('retries exhausted, --act-finally %s', async (_, form, acted, finals, said) => {
    const finally_ = form.map((word) => word.replace('FINALLY', noting('finally')));
    const words = ['--check', failing(99), '--action', noting('acted'), '--delay', '1', '--max-retries', '2'];
    await tryLater([...words, ...finally_]);
    for (const checked of [2, 3]) {
      expect(timesOf('acted') + timesOf('finally')).toBe(0);
      at.takeMails();
      await at.runJobsAfter(2);
      expect(timesOf('checked')).toBe(checked);
    }
    expect(at.jobs()).toEqual([]);
    expect([timesOf('acted'), timesOf('finally')]).toEqual([acted, finals]);
    const mails = at.takeMails();
    if (said === null) expect(mails).toEqual([]);
    else expect(mails).toEqual([expect.stringContaining(said)]);
  });

  test('without a retry the exit status tells what became of it', async () => {
    const words = ['--check', 'exit 1', '--action', 'exit 5', '--max-retries', '0'];
    expect((await tryLater(words)).exitCode).toBe(1);
    expect(await tryLater([...words, '--act-finally', '1'])).toEqual({ exitCode: 5, ...QUIET });
    expect(await tryLater([...words, '--act-finally', 'kill -9 $$'])).toEqual({ exitCode: 137, ...QUIET });
    expect(at.jobs()).toEqual([]);
  });

  test('odd words arrive unchanged, at once and in a job', async () => {
    const odd = [
      '',
      ' ',
      'two words  and a tab\t',
      `it's "quoted" \\ and \`more\``,
      '$HOME $(id) $$ ${'.concat('HOME}'),
      'a;b&c|d>e<f(g)',
      'line one\nline two\n\n# try-later: not a job\nexec false\n',
      '\r\n%d\\n',
      '*',
      '~',
      '!!',
      '-x',
      '--',
      'a=b',
      'Grüße, 日本語, 🔒, e\u0301',
      '\u001b[31m\u0007',
      'ends with a backslash\\',
    ];
    writeFileSync(path('keep'), `#!/bin/sh\nprintf '%s\\0' "$@" >> ${path('kept')}\n[ "$1" = act ]\n`, {
      mode: 0o755,
    });
    const ended = await tryLater([
      ...['--check', path('keep'), 'check', ...odd],
      ...['--action', path('keep'), 'act', ...odd],
      ...['--act-finally', path('keep'), 'act', 'finally', ...odd],
      ...['--delay', '1', '--max-retries', '1'],
    ]);
    expect(ended.exitCode).toBe(0);
    await at.runJobsAfter(2);
    // Each word ends with a NUL; the last leaves an empty rest.
    expect(readFileSync(path('kept'), 'utf8').split('\0')).toEqual([
      ...['check', ...odd, 'check', ...odd, 'act', 'finally', ...odd],
      '',
    ]);
  });

  test('the documented recipe: the action, once, after the hour', async () => {
    const recipe = [
      ...['--action', noting('acted'), '--check', DOCUMENTED_CHECK],
      ...['--delay', '60', '--max-retries', '1', '--skip-first'],
    ];
    const ended = await tryLater(recipe);
    expect(ended).toMatchObject({ exitCode: 0, stdout: '' });
    expect(ended.stderr).toMatch(/^try-later: job 1 checks at /);
    expect(at.jobs()).toEqual(['1']);
    await at.run(['faketime', '-f', '+58m', 'atd', '-s', '-l', '1000']);
    expect(at.jobs()).toEqual(['1']);
    expect(timesOf('acted')).toBe(0);
    await at.runJobsAfter(61);
    expect(timesOf('acted')).toBe(1);
    expect(at.jobs()).toEqual([]);
    expect(at.takeMails()).toEqual([]);
  });

  test('as words, as the other documented example has it', async () => {
    const ended = await tryLater([
      ...['--action', '/bin/sh', '-c', noting('acted'), '-x', '--max-retries', '1', '--delay', '1'],
      ...['--check', '/bin/sh', '-c', 'exit', '1', '--at', 'now', '+', '1', 'minute', '--act-finally', '0'],
    ]);
    expect(ended).toEqual({ exitCode: 0, ...QUIET });
    expect(timesOf('acted')).toBe(1);
  });

  test('the dash of the documentation is told from a hyphen', async () => {
    const ended = await tryLater(['--action', 'true', '--check', DOCUMENTED_CHECK, '–delay', '60']);
    expect(ended).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'try-later: “–delay” is written with a dash that is no hyphen. Write --delay, with two hyphens.\n',
    });
  });

  test('a job can be carried out by hand from an empty environment', async () => {
    await tryLater(['--action', noting('acted'), '--check', 'true', '--skip-first', '--delay', '60']);
    const ended = await at.run(['env', '-i', '/bin/sh', '-c', '/usr/bin/at -c 1 | /bin/sh']);
    expect(ended).toEqual({ exitCode: 0, ...QUIET });
    expect(timesOf('acted')).toBe(1);
  });

  test('no secret of the environment reaches the spool, the check or the action', async () => {
    const environment = {
      PATH: process.env['PATH'] ?? '',
      HOME: '/root',
      LANG: 'C.UTF-8',
      TZ: 'Asia/Tokyo',
      AUTOSSL_ROOT: '/srv/tree',
      API_TOKEN: 'hunter2',
      AUTOSSL_DEBUG: '1',
      LC_SECRET: 'not of the known kind',
    };
    const words = ['--action', `env > ${path('in-job')}`, '--check', `env > ${path('now')}; false`];
    const ended = await tryLater([...words, '--delay', '1', '--act-finally', '1'], { environment });
    expect(ended.exitCode).toBe(0);
    expect(await at.scriptOf('1')).not.toContain('hunter2');
    await at.runJobsAfter(2);
    for (const name of ['now', 'in-job']) {
      const seen = readFileSync(path(name), 'utf8');
      expect(seen).not.toContain('hunter2');
      expect(seen).not.toContain('AUTOSSL_DEBUG');
      for (const line of ['HOME=/root', 'LANG=C.UTF-8', 'TZ=Asia/Tokyo', 'AUTOSSL_ROOT=/srv/tree']) {
        expect(seen.split('\n')).toContain(line);
      }
      expect(seen).not.toContain('LC_ALL');
    }
  });

  test('jobs run where they were queued', async () => {
    mkdirSync(path('work'));
    const words = ['--action', 'echo acted >> acted', '--check', 'true', '--skip-first', '--delay', '1'];
    await tryLater(words, { cwd: path('work') });
    await at.runJobsAfter(2);
    expect(timesOf('work/acted')).toBe(1);
  });

  test('a job whose program is gone says so', async () => {
    const moved = path('clone');
    await at.run(['cp', '-r', join(process.cwd(), 'bin'), join(process.cwd(), 'dist'), `${path('.')}`]);
    mkdirSync(moved);
    for (const part of ['bin', 'dist']) await at.run(['mv', path(part), moved]);
    writeFileSync(join(moved, 'package.json'), '{"type":"module"}');
    const script = join(moved, 'bin/try-later');
    const ended = await at.run([
      ...[process.execPath, script, '--action', noting('acted')],
      ...['--check', 'true', '--skip-first', '--delay', '1'],
    ]);
    expect(ended.exitCode).toBe(0);
    rmSync(moved, { recursive: true });
    await at.runJobsAfter(2);
    expect(timesOf('acted')).toBe(0);
    expect(at.takeMails()).toEqual([`try-later: ${script} is gone: this job cannot run\n`]);
  });

  test('from a folder that is gone: jobs can be listed, and none be queued', async () => {
    const from = (words: string) =>
      at.run([
        'sh',
        '-c',
        `mkdir $1 && cd $1 && rmdir $1 && exec $2 $3 ${words}`,
        'sh',
        path('gone'),
        process.execPath,
        join(process.cwd(), 'bin/try-later'),
      ]);
    expect(await from('--has-jobs')).toEqual({ exitCode: 1, ...QUIET });
    expect(await from('--action true --check false')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('the folder in which this was called is not there any more'),
    });
    expect(at.jobs()).toEqual([]);
  });

  test('--has-jobs knows its own jobs alone', async () => {
    const hasJobs = (...words: string[]) => tryLater(['--has-jobs', ...words]);
    const queue = (input: string, ...words: string[]) => at.run(['at', ...words], { input });
    expect(await hasJobs()).toEqual({ exitCode: 1, ...QUIET });
    await queue('echo "# try-later: a job of AutoSSL, form 1"\nexec true\n', 'now', '+', '1', 'hour');
    await queue('try-later --action true --check true\n', '-q', 't', 'now', '+', '1', 'hour');
    expect(await hasJobs()).toEqual({ exitCode: 1, ...QUIET });
    await tryLater(['--action', '/bin/echo', 'a b', '--check', 'true', '--skip-first', '--delay', '60']);
    expect(await hasJobs()).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^3 {2}\d{4}-\d\d-\d\dT\d\d:\d\dZ {2}\/bin\/echo 'a b'\n$/),
      stderr: '',
    });
    expect((await hasJobs('--action', '/bin/echo', 'a b')).exitCode).toBe(0);
    expect((await hasJobs('--action', '/bin/echo', 'a', 'b')).exitCode).toBe(1);
    const { jobs } = JSON.parse((await hasJobs('--json')).stdout) as { jobs: object[] };
    expect(jobs).toEqual([
      {
        id: 3,
        runsAt: expect.any(String),
        action: ['/bin/echo', 'a b'],
        check: ['true'],
        retriesLeft: 0,
      },
    ]);
    // Copied by hand to another time it is still ours; removed, it is none.
    await at.run(['sh', '-c', 'at -c 3 | at now + 2 hours']);
    await at.run(['atrm', '3']);
    expect((await hasJobs()).stdout).toMatch(/^4 {2}/);
    await at.run(['atrm', '4']);
    expect((await hasJobs()).exitCode).toBe(1);
    expect(at.jobs()).toEqual(['1', '2']);
  });

  test('a job that is under way is not one that waits', async () => {
    const asks = `${process.execPath} ${join(process.cwd(), 'bin/try-later')} --has-jobs; echo $? > ${path('said')}`;
    await tryLater(['--action', asks, '--check', 'true', '--skip-first', '--delay', '1']);
    await at.runJobsAfter(2);
    expect(readFileSync(path('said'), 'utf8')).toBe('1\n');
  });

  test('without a daemon the job is queued, and it is said that it will not run by itself', async () => {
    const ended = await tryLater(['--action', 'true', '--check', 'true', '--skip-first']);
    expect(ended).toMatchObject({ exitCode: 0, stdout: '' });
    const warning = /\ntry-later: atd is not running: job \d waits until it is\. Start it, .*\n$/;
    expect(ended.stderr).toMatch(warning);
    expect(at.jobs()).toEqual(['1']);
    // The pid of a process that is gone: beyond the greatest there can be.
    writeFileSync(path('run/atd.pid'), '4194305\n');
    expect((await tryLater(['--action', 'true', '--check', 'true', '--skip-first'])).stderr).toMatch(warning);
  });

  test.each([
    ['that at does not understand', ['half', 'past', 'soon\u001b[31m'], /Garbled time/],
    ['that is over', ['10:00 2020-01-01'], /in the past/],
    ['that looks like an option', ['-f', '/etc/shadow'], /Garbled time/],
  ])('a time %s is refused in its own words', async (_, time, words) => {
    const ended = await tryLater(['--action', noting('acted'), '--check', 'false', '--at', ...time]);
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^try-later: at\(1\) does not take the time “/);
    expect(ended.stderr).toMatch(words);
    expect(ended.stderr).not.toContain('\u001b');
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(at.jobs()).toEqual([]);
  });

  test('after an instant that came once, retries follow at the default delay', async () => {
    const when = new Date(Date.now() + 120_000).toISOString();
    const time = ['--at', `${when.slice(11, 16)} ${when.slice(0, 10)}`];
    const environment = { PATH: process.env['PATH'] ?? '', TZ: 'UTC' };
    const words = ['--action', noting('acted'), '--check', failing(1), '--skip-first', '--max-retries', '3'];
    expect((await tryLater([...words, ...time], { environment })).exitCode).toBe(0);
    // By the daemon's clock the instant has come, by at's own it has not: that is what the same job by hand is for.
    const script = (await at.scriptOf('1')).replace(`'${time[1]}'`, `'10:00 2020-01-01'`);
    await at.run(['atrm', '1']);
    expect((await at.run(['sh'], { input: script })).exitCode).toBe(0);
    expect(await at.scriptOf('2')).toContain('--delay 5 --max-retries 1 ');
  });

  test('a user who may not use at is told so', async () => {
    const clone = path('clone');
    mkdirSync(clone);
    await at.run(['cp', '-r', join(process.cwd(), 'bin'), join(process.cwd(), 'dist'), clone]);
    writeFileSync(join(clone, 'package.json'), '{"type":"module"}');
    await at.run(['chmod', '-R', 'a+rX', clone]);
    writeFileSync(path('at.deny'), 'nobody\n');
    await at.run(['mount', '--bind', path('at.deny'), '/etc/at.deny']);
    const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const ended = await at.run([
      ...[...asNobody, process.execPath, join(clone, 'bin/try-later')],
      ...['--action', 'true', '--check', 'false'],
    ]);
    expect(ended).toEqual({
      exitCode: 3,
      stdout: '',
      stderr:
        'try-later: this user may not use at(1): nothing is queued. See /etc/at.allow and /etc/at.deny.\n',
    });
  });

  test.each(['TERM', 'INT', 'HUP', 'QUIT'])(
    'SIG%s reaches the action, with all that it started',
    async (signal) => {
      const action = `exec 2>/dev/null; trap 'echo $0 >> ${path('told')}; exit 9' ${signal}; touch ${path('begun')}; sleep 60`;
      const ended = await stopping(['--action', action, '--check', 'true'], signal);
      expect(ended).toEqual({ exitCode: 9, ...QUIET });
      expect(timesOf('told')).toBe(1);
    },
  );

  test('a check that is told to stop has not failed: nothing is queued', async () => {
    const check = `touch ${path('begun')}; sleep 60`;
    const ended = await stopping(['--action', noting('acted'), '--check', check], 'TERM');
    expect(ended).toEqual({
      exitCode: 143,
      stdout: '',
      stderr: 'try-later: stopped by SIGTERM during the check: nothing was done and nothing is queued\n',
    });
    expect([timesOf('acted'), at.jobs()]).toEqual([0, []]);
  });

  test.each([['--has-jobs'], ['--action true --check false']])('without at(1): %s', async (line) => {
    writeFileSync(path('nothing'), '', { mode: 0o644 });
    await at.run(['mount', '--bind', path('nothing'), '/usr/bin/at']);
    const ended = await tryLater(line.split(' '));
    expect(ended).toEqual({
      exitCode: 3,
      stdout: '',
      stderr:
        'try-later: at(1) cannot be started (permission denied): nothing is queued. Install the package “at” and start its daemon, atd.\n',
    });
  });
});
