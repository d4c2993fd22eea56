import { ConfigurationError } from '../domain/autossl-error.js';
import { quoteForMessage } from '../domain/name/names.js';

/** Nothing that any daemon's configuration or a shell gives a meaning to. */
const PLAIN = /^(?:\/[A-Za-z0-9_.-]+)+$/;

/** The path, fit to stand unquoted in any configuration. @throws ConfigurationError UNSAFE_FILE: a private tree with an odd name */
export function plainPath(path: string): string {
  if (PLAIN.test(path)) return path;
  throw new ConfigurationError(
    'UNSAFE_FILE',
    `${quoteForMessage(path)} cannot be written into the configuration of mail and FTP daemons`,
    {
      advice:
        'Name a tree (AUTOSSL_ROOT) whose path has letters, digits, dots, hyphens and underscores only.',
    },
  );
}
