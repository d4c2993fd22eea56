import { UsageError } from '../autossl-error.js';
import { parsedUrl } from '../parsed-url.js';
import { type DomainName, parseHostName, quoteForMessage, type WildcardName } from './names.js';

const URL_BEGIN = /^[a-z][a-z0-9+.-]*:\/\//i;
const WEB_SCHEMES: readonly string[] = ['http:', 'https:'];

/**
 * The host name that somebody typed or pasted: in any case, with a final dot, an internationalised name in letters, a whole
 * http or https URL, or a host with `:port` or `/path` behind it. @throws UsageError BAD_NAME
 */
export function parseAskedName(text: string): DomainName | WildcardName {
  const typed = text.trim();
  if (!URL_BEGIN.test(typed)) return parseHostName(typed.replace(/(?::\d{1,5})?(?:\/.*)?$/s, ''));
  const url = parsedUrl(typed);
  if (url === null || url.hostname === '') refuse(typed, 'is not a URL that names a host');
  else if (!WEB_SCHEMES.includes(url.protocol)) refuse(typed, 'is not a URL of a website');
  else return parseHostName(url.hostname);
}

function refuse(typed: string, why: string): never {
  throw new UsageError('BAD_NAME', `${quoteForMessage(typed)} ${why}`, {
    advice: 'Give the name alone, such as shop.example.com.',
  });
}
