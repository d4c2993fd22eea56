import { uidAbove } from '../../../adapters/sudo/calling-process.js';
import { readTextFile } from '../../../adapters/system/files/files.js';
import { passwdNameOf, readUidMin } from '../../../adapters/system/passwd.js';
import { Tree } from '../../../adapters/system/tree.js';
import { type AccountName, isAccountName } from '../../../core/domain/account/account-name.js';
import { ConfigurationError } from '../../../core/domain/autossl-error.js';
import { isAccount } from './uapi.js';

/** As the kernel has them: decimal, no sign. */
const UID = /^[1-9]\d{0,9}$/;

/** The account whose user has this uid, as passwd has it. Null: nobody, or a name that no account has. */
export async function accountOfUid(uid: number): Promise<AccountName | null> {
  const name = passwdNameOf(await readTextFile('/etc/passwd'), uid);
  return name !== undefined && isAccountName(name) ? name : null;
}

/**
 * The account for which sudo started us: SUDO_UID is sudo's word, and the only one of the environment that counts. It must be
 * true of the process that called sudo as well: where an administrator switched env_reset off, a caller may write SUDO_UID.
 * @throws ConfigurationError NOT_PERMITTED unless we are root, sudo started us, and its caller's user is an account of this
 * server
 */
export async function accountBehindSudo(sudoUid: string | undefined): Promise<AccountName> {
  if (process.getuid?.() !== 0 || process.geteuid?.() !== 0 || sudoUid === undefined || sudoUid === '') {
    throw notPermitted('it is started by uapi through sudo, and not by itself');
  }
  const tree = new Tree('/');
  if (!UID.test(sudoUid) || Number(sudoUid) < (await readUidMin(tree))) {
    throw notPermitted('the caller is no person’s user');
  }
  const account = await accountOfUid(Number(sudoUid));
  if (account === null || !(await isAccount(tree, account))) {
    throw notPermitted('the caller is no hosting account of this server');
  }
  if (uidAbove(process.ppid) !== Number(sudoUid)) {
    throw notPermitted('the process that called sudo is not the user that SUDO_UID names');
  }
  return account;
}

function notPermitted(why: string): ConfigurationError {
  return new ConfigurationError('NOT_PERMITTED', why);
}
