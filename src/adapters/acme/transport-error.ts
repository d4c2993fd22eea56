import { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import { wordsOfCode } from '../../core/domain/system-fault.js';

/** Verification results of OpenSSL as Node names them, and its own name check. */
const UNTRUSTED =
  /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|ERR_TLS_CERT|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|CRL_)/;
/** What our clock has a part in: a dead one says 1970, or years ahead. */
const AGAINST_OUR_CLOCK: ReadonlyMap<string, string> = new Map([
  ['CERT_NOT_YET_VALID', 'is not valid yet'],
  ['CERT_HAS_EXPIRED', 'is not valid any longer'],
]);
/** What answers is no TLS server, or no HTTP server. */
const NOT_THE_PROTOCOL = /^(?:HPE_|ERR_SSL_|EPROTO$)/;

/** A system or TLS error of one exchange as the one clear line that a person reads. */
export function transportErrorOf(
  error: unknown,
  method: string,
  url: URL,
  now: Date = new Date(),
): AcmeProtocolError {
  if (error instanceof AcmeProtocolError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const where = `the CA at ${url.host}`;
  const invalid = AGAINST_OUR_CLOCK.get(code);
  if (invalid !== undefined) {
    return new AcmeProtocolError(
      'CLOCK_OR_CERTIFICATE',
      `${where} shows a certificate that ${invalid} by our clock, which says ${now.toISOString()}`,
      {
        cause: error,
        advice: "Set the clock; if it is right, the CA's own certificate is wrong.",
      },
    );
  }
  if (UNTRUSTED.test(code)) {
    return new AcmeProtocolError(
      'UNTRUSTED_SERVER',
      `${where} shows a certificate that is not trusted: ${code}`,
      {
        cause: error,
        advice: 'For a private CA name its root with --ca-bundle FILE; otherwise somebody stands in between.',
      },
    );
  }
  if (NOT_THE_PROTOCOL.test(code)) {
    return new AcmeProtocolError('BAD_ANSWER', `${where} does not speak HTTP over TLS: ${code}`, {
      cause: error,
      advice: "Check the directory's URL.",
    });
  }
  const said =
    code !== '' ? wordsOfCode(code) : printable(error instanceof Error ? error.message : String(error));
  return new AcmeProtocolError(
    'UNREACHABLE',
    `${where} cannot be reached (${method} ${url.pathname}): ${said}`,
    {
      cause: error,
      advice: 'It is tried again at the next run; check the network and the name service if it stays so.',
    },
  );
}
