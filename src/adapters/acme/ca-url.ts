import { AcmeProtocolError, ConfigurationError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';

/** No CA's URL comes near it; a record keeps them. */
const LONGEST_URL = 2048;

/** Which URLs of a CA may be followed: https always; http only where the directory itself is http on loopback. */
export interface UrlRule {
  /** The URL as written, when it may be followed. @throws AcmeProtocolError BAD_ANSWER naming `what` */
  accept(text: string, what: string): string;
  /** The CA's host for messages. */
  readonly host: string;
}

/** @throws ConfigurationError BAD_SETTING when the directory's URL is not https (or http on loopback) */
export function urlRuleOf(directoryUrl: string): UrlRule {
  const directory = parse(directoryUrl);
  const isPlain = directory?.protocol === 'http:' && isLoopback(directory.hostname);
  if (directory === undefined || (directory.protocol !== 'https:' && !isPlain)) {
    throw new ConfigurationError(
      'BAD_SETTING',
      `${quoteForMessage(directoryUrl)} is not the URL of an ACME directory: it must begin with https://`,
      { advice: 'Name the directory with autossl provider use NAME --directory URL.' },
    );
  }
  return {
    host: directory.host,
    accept(text, what) {
      const url = parse(text);
      const isAllowed =
        url !== undefined &&
        text.length <= LONGEST_URL &&
        (url.protocol === 'https:' || (isPlain && url.protocol === 'http:' && isLoopback(url.hostname)));
      if (isAllowed) return text;
      throw new AcmeProtocolError(
        'BAD_ANSWER',
        `the CA at ${directory.host} named ${quoteForMessage(text)} as ${what}, which is not a URL we may follow`,
      );
    },
  };
}

function parse(text: string): URL | undefined {
  try {
    const url = new URL(text);
    // Plain printable text only: it goes into a signed header as written, and into records and messages.
    return url.username === '' && url.password === '' && /^[\u0021-\u007e]+$/.test(text) ? url : undefined;
  } catch {
    return undefined;
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
