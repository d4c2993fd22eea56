import { resolve } from 'node:path';
import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { parsedUrl } from '../../core/domain/parsed-url.js';
import type { SaidChoice } from '../../core/provider/choice.js';

/** What somebody says about a provider, as words; an empty one takes back what was said before. */
export interface SaidWords {
  readonly acceptTerms?: string | undefined;
  readonly directory?: string | undefined;
  readonly caBundle?: string | undefined;
  readonly eabKid?: string | undefined;
  readonly profile?: string | undefined;
  /** `file:PATH`. */
  readonly eabHmac?: string | undefined;
  /** Names with commas between them; empty: nobody. */
  readonly fallback?: string | undefined;
  /** What a third party's provider asks for. */
  readonly properties?: ReadonlyMap<string, string>;
}

/** More than any address, key identifier or path has. */
const MAX_LENGTH = 4096;

/** The words checked, paths made absolute from `folder`. @throws UsageError BAD_ARGUMENT naming the option */
export function parseSaid(name: string, said: SaidWords, folder: string): SaidChoice {
  const read = (option: string, word: string | undefined, parse: (text: string) => string) => {
    if (word === undefined) return undefined;
    if (word.length > MAX_LENGTH) throw new UsageError('BAD_ARGUMENT', `${option} is too long`);
    return word === '' ? null : parse(word);
  };
  const plain = (text: string): string => text;
  const values = {
    acceptedTermsUrl: read('--accept-terms', said.acceptTerms, plain),
    directoryUrl: read('--directory', said.directory, parseDirectoryUrl),
    caBundlePath: read('--ca-bundle', said.caBundle, (path) => resolve(folder, path)),
    eabKeyId: read('--eab-kid', said.eabKid, plain),
    eabHmacPath: read('--eab-hmac', said.eabHmac, (text) => parseFileReference(text, folder)),
    profile: read('--profile', said.profile, plain),
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const properties = [...(said.properties ?? [])].map(([key, text]) => [key, read(key, text, plain) ?? null]);
  const fallbacks = read('--fallback', said.fallback, plain);
  return {
    name,
    ...Object.fromEntries(given),
    properties: Object.fromEntries(properties),
    ...(fallbacks === undefined ? {} : { fallbacks: namesIn(fallbacks ?? '') }),
  };
}

function namesIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'none');
}

function parseDirectoryUrl(text: string): string {
  const url = parsedUrl(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      'BAD_ARGUMENT',
      `--directory must be an https:// address, not ${quoteForMessage(text)}`,
    );
  }
  const { username, password } = url;
  if (username !== '' || password !== '') {
    throw new UsageError(
      'BAD_ARGUMENT',
      '--directory holds a user name or password, which no CA takes there',
      {
        advice: 'Give the address without them; an external account is given by --eab-kid and --eab-hmac.',
      },
    );
  }
  return text;
}

function parseFileReference(text: string, folder: string): string {
  if (!text.startsWith('file:') || text.length === 'file:'.length) {
    throw new UsageError(
      'BAD_ARGUMENT',
      '--eab-hmac takes file:PATH: a key given in the command line can be read by every user',
      {
        advice: 'Put the key into a file of mode 0600 and name it.',
      },
    );
  }
  return resolve(folder, text.slice('file:'.length));
}
