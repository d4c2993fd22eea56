import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { ConfigurationError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import { Secret } from '../../../core/domain/secret.js';
import { reasonOf } from '../../../core/domain/system-fault.js';

/** Permission bits of group and others. */
const NOT_OWNER = 0o077;
/** Secrets are one short line. */
const MAX_SECRET_BYTES = 64 * 1024;

/** A file that holds a secret belongs to root (or to us) and is open to nobody else. @throws ConfigurationError SECRET_EXPOSED */
export function assertPrivate(path: string, facts: Pick<Stats, 'uid' | 'mode'>): void {
  const isTrusted = facts.uid === 0 || facts.uid === process.getuid?.();
  if (isTrusted && (facts.mode & NOT_OWNER) === 0) return;
  throw new ConfigurationError(
    'SECRET_EXPOSED',
    `${quoteForMessage(path)} holds a secret and is open to others than its owner`,
    { advice: 'Make it root’s and give it mode 0600; change the secret if somebody may have read it.' },
  );
}

/**
 * The secret in a file that an administrator named on a command line, without surrounding blanks.
 * @throws ConfigurationError SECRET_EXPOSED; BAD_SETTING when it cannot be read or is empty
 */
export function readSecretFile(path: string): Secret {
  const refuse = (why: string): never => {
    throw new ConfigurationError(
      'BAD_SETTING',
      `the secret in ${quoteForMessage(path)} cannot be used: ${why}`,
    );
  };
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return refuse(reasonOf(error));
  }
  try {
    const facts = fstatSync(descriptor);
    if (!facts.isFile()) return refuse('it is not a regular file');
    assertPrivate(path, facts);
    const buffer = Buffer.alloc(MAX_SECRET_BYTES);
    const text = buffer.toString('utf8', 0, readSync(descriptor, buffer)).trim();
    return text === '' ? refuse('it is empty') : new Secret(text);
  } finally {
    closeSync(descriptor);
  }
}
