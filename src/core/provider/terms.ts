import { ConfigurationError } from '../domain/autossl-error.js';
import { printable, quoteForMessage } from '../domain/name/names.js';

/** The error of terms that wait for a yes, naming them and the command (design 5.13). `url` null: the CA does not say where they are. */
export function termsNotAccepted(provider: string, url: string | null): ConfigurationError {
  const terms = url === null ? 'new terms of service' : `the terms of service ${quoteForMessage(url)}`;
  return new ConfigurationError('TERMS_NOT_ACCEPTED', `${provider} asks you to accept ${terms}`, {
    advice: `Read them, then run: autossl provider use ${provider} --accept-terms ${url === null ? 'URL' : printable(url)}`,
  });
}
