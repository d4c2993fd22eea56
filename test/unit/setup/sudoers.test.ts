import { describe, expect, test } from '@jest/globals';
import { sudoersFile, sudoersObstacle } from '../../../src/core/plan/rights/sudoers.js';

const places = (path: string | null) => ({
  node: '/usr/bin/node',
  programs: new Map(path === null ? [] : [['uapi-root', path]]),
  root: null,
});

describe('the file for sudo', () => {
  test('lets accounts call one program as root, without anything of their environment', () => {
    expect(sudoersFile(places('/opt/autossl/bin/uapi-root'))).toBe(
      `# Written by "autossl setup --sudoers", which keeps it up to date; "autossl setup --undo" takes it away.
# uapi-root answers for the account that called sudo, and only what its closed list has.
Cmnd_Alias AUTOSSL_UAPI_ROOT = /opt/autossl/bin/uapi-root
Defaults!AUTOSSL_UAPI_ROOT env_reset, !env_keep, !env_check, !setenv, !requiretty, !lecture
Defaults!AUTOSSL_UAPI_ROOT secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ALL ALL = (root) NOPASSWD: NOSETENV: AUTOSSL_UAPI_ROOT
`,
    );
  });

  test.each([
    ['no such program', null],
    ['a blank', '/opt/my programs/uapi-root'],
    ['a comma', '/opt/a,b/uapi-root'],
    ['a pattern', '/opt/*/uapi-root'],
    ['a backslash', '/opt/a\\b/uapi-root'],
    ['an equals sign', '/opt/a=b/uapi-root'],
    ['a line', '/opt/a\nALL ALL = (ALL) NOPASSWD: ALL\n/uapi-root'],
    ['a relative path', 'bin/uapi-root'],
    ['a folder above', '/opt/../uapi-root'],
  ])('is not written for %s', (_, path) => {
    expect(sudoersFile(places(path))).toBeNull();
    expect(sudoersObstacle(places(path))).toMatch(/\.$/);
  });
});
