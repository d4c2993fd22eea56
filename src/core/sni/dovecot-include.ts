import { isWildcard } from '../domain/name/names.js';
import { type NameOffer, offersByPair } from './offer.js';
import { plainPath } from './plain-path.js';

/** Names in one block: a line of theirs stays readable. */
const NAMES_A_BLOCK = 20;
/** The first version whose settings are called otherwise. */
const RENAMED_IN: readonly [number, number] = [2, 4];

/** Whether `dovecot --version` prints a version whose settings have their new names; an unknown one has the old. */
export function hasNewSettingNames(version: string): boolean {
  const [, major = '0', minor = '0'] = /^(\d{1,4})\.(\d{1,4})/.exec(version.trim()) ?? [];
  const [newMajor, newMinor] = RENAMED_IN;
  return Number(major) > newMajor || (Number(major) === newMajor && Number(minor) >= newMinor);
}

/**
 * The file that Dovecot's configuration includes. The names of one pair stand together, since each block costs memory and a
 * look at each connection; the first block that fits answers, so wildcards come last.
 * `folder`: where the pairs lie. @throws ConfigurationError UNSAFE_FILE
 */
export function dovecotInclude(
  offers: readonly NameOffer[],
  { folder, hasNewNames }: { readonly folder: string; readonly hasNewNames: boolean },
): string {
  const [certificate, key] = hasNewNames
    ? ['ssl_server_cert_file = ', 'ssl_server_key_file = ']
    : ['ssl_cert = <', 'ssl_key = <'];
  const lines = [
    '# Written by AutoSSL from the certificates of the websites: whatever is changed here is lost.',
  ];
  for (const { pair, names } of offersByPair(offers)) {
    const path = plainPath(`${folder}/${pair}.pem`);
    for (const some of inParts(names, namesABlock(hasNewNames)))
      lines.push(`local_name ${quotedIfMany(some)} {`, `  ${certificate}${path}`, `  ${key}${path}`, '}');
  }
  return `${lines.join('\n')}\n`;
}

/** How many blocks so many names of one pair make. */
export function blockCount(names: number, hasNewNames: boolean): number {
  return Math.ceil(names / namesABlock(hasNewNames));
}

/** The names of the blocks in such a text, wildcards too. */
export function namesInInclude(text: string): ReadonlySet<string> {
  return new Set(
    [...text.matchAll(/^local_name "?([^"{\n]+?)"? \{$/gm)].flatMap(([, names = '']) => names.split(' ')),
  );
}

function namesABlock(hasNewNames: boolean): number {
  return hasNewNames ? 1 : NAMES_A_BLOCK;
}

function quotedIfMany(names: readonly NameOffer['name'][]): string {
  const isPlain = names.length === 1 && !names.some(isWildcard);
  return isPlain ? names.join('') : `"${names.join(' ')}"`;
}

function inParts<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const parts: T[][] = [];
  for (let first = 0; first < items.length; first += size) parts.push(items.slice(first, first + size));
  return parts;
}
