import type { Trouble } from '../../told/trouble.js';
import type { NoticeReader } from '../reader.js';
import { line, nameText, numbered, sentence } from './safe-text.js';
import { instantWords, relativeWords, utcWords } from './time-words.js';

/** What is said of one trouble. All are printable sentences. */
export interface TroubleWords {
  /** The whole of it in a line, without the website. */
  readonly headline: (trouble: Trouble, now: Date) => string;
  readonly what: (trouble: Trouble, now: Date) => string;
  /** What will happen, and when. */
  readonly next: (trouble: Trouble, now: Date) => string;
  /** The one thing to do. */
  readonly todo: (trouble: Trouble, reader: NoticeReader) => string;
  /** The command that helps an administrator most, after “todo”. */
  readonly command: (trouble: Trouble) => string | null;
}

const WARNED = 'browsers warn visitors';

/** By kind; `notify_autossl_renewal` is no trouble and has lines of its own. */
const WORDS: Readonly<Record<Exclude<Trouble['kind'], 'notify_autossl_renewal'>, TroubleWords>> = {
  notify_autossl_expiry: {
    headline: (trouble, now) => `${endOf(trouble, now)}, and no other could be had`,
    what: (trouble, now) =>
      `${certificateSentence(trouble, now)} No other could be had: ${sentence(line(trouble.because.text))}`,
    next: (trouble, now) =>
      `${attempt(trouble, now)}${
        trouble.urgency === 'expired' || trouble.certificate === null
          ? ''
          : ` If nothing changes, ${WARNED} from ${utcWords(trouble.certificate.notAfter)} on.`
      }`,
    todo: (trouble, reader) => mending(trouble, reader),
    command: whyCommand,
  },
  notify_autossl_expiry_coverage: {
    headline: (trouble, now) =>
      `${urgentEnd(trouble, now)}its renewal waits for ${numbered(trouble.names.length, 'name')}`,
    what: (trouble, now) =>
      `The certificate of ${nameText(trouble.vhost)} is due for renewal. The renewal waits, because ${failing(trouble)}.${urgentSuffix(trouble, now)}`,
    next: (trouble, now) =>
      trouble.deadlineAt === null
        ? attempt(trouble, now)
        : `${attempt(trouble, now)} The renewal waits until ${utcWords(trouble.deadlineAt)}, ${relativeWords(trouble.deadlineAt, now)}. Then the certificate is renewed without what still fails, and ${WARNED} of ${those(trouble)}.`,
    todo: (trouble, reader) => mending(trouble, reader),
    command: whyCommand,
  },
  notify_autossl_renewal_coverage: {
    headline: (trouble, now) =>
      `${urgentEnd(trouble, now)}${numbered(trouble.names.length, 'secured name')} ${plural(trouble.names, 'fails', 'fail')}`,
    what: (trouble, now) =>
      `The certificate of ${nameText(trouble.vhost)} is good${
        trouble.certificate === null ? '' : ` until ${utcWords(trouble.certificate.notAfter)}`
      }, but ${failing(trouble)}.${urgentSuffix(trouble, now)}`,
    next: (trouble, now) =>
      `Nothing is lost yet, and no names are added meanwhile. ${attempt(trouble, now)}${
        trouble.deadlineAt === null
          ? ''
          : ` If it lasts, the certificate is renewed without ${those(trouble)} ${instantWords(trouble.deadlineAt, now)}.`
      }`,
    todo: (trouble, reader) => mending(trouble, reader),
    command: whyCommand,
  },
  notify_autossl_renewal_coverage_reduced: {
    headline: ({ names }) => `renewed without ${numbered(names.length, 'name')} that it had`,
    what: (trouble) =>
      `The certificate of ${nameText(trouble.vhost)} was renewed without ${numbered(trouble.names.length, 'name')} that it had: ${WARNED} of ${those(trouble)}.`,
    next: (trouble, now) => `${attempt(trouble, now)} What passes then is secured again.`,
    todo: (trouble, reader) => mending(trouble, reader),
    command: whyCommand,
  },
  notify_autossl_renewal_uncovered_domains: {
    headline: ({ names }) => `${numbered(names.length, 'name')} not secured`,
    what: (trouble) =>
      `${numbered(trouble.names.length, 'name')} of ${nameText(trouble.vhost)} ${plural(trouble.names, 'is', 'are')} not in its certificate: ${WARNED} of ${those(trouble)}.`,
    next: (trouble, now) => `${attempt(trouble, now)} What passes then is added.`,
    todo: (trouble, reader) => mending(trouble, reader),
    command: whyCommand,
  },
  notify_ssl_expiry: {
    headline: (trouble, now) => `${endOf(trouble, now)}, and AutoSSL does not renew it`,
    what: (trouble, now) =>
      `${certificateSentence(trouble, now)} AutoSSL did not get it and does not renew it.`,
    next: (trouble) =>
      trouble.urgency === 'expired' || trouble.certificate === null
        ? `${capital(WARNED)} until it is replaced.`
        : `If nobody replaces it, ${WARNED} from ${utcWords(trouble.certificate.notAfter)} on.`,
    todo: (_trouble, reader) =>
      reader === 'user'
        ? 'Renew it where you bought it and install the new one, or have it removed: a free one is then ordered in its place.'
        : reader === 'reseller'
          ? 'Have it replaced by its owner, or removed: a free one is then ordered in its place.'
          : 'Have it replaced by its owner. To let AutoSSL replace such certificates, of every account, when they are about to expire:',
    command: () => 'autossl options set clobber_externally_signed 1',
  },
  notify_autossl_paused_names: {
    headline: ({ names }) => `${numbered(names.length, 'name')} paused by the provider`,
    what: (trouble) =>
      `The provider has paused ${numbered(trouble.names.length, 'name')} of ${nameText(trouble.vhost)}, which ${plural(trouble.names, 'has', 'have')} failed too often: it takes no orders for ${those(trouble)}.`,
    next: () =>
      'It is asked again once a day, which costs nothing, and goes on by itself once somebody has ended the pause.',
    todo: (_trouble, reader) =>
      reader === 'administrator'
        ? 'Have mended what fails, or exclude it. Then end the pause, on the provider’s page:'
        : 'Have mended what fails, or excluded. The administrators of the server then end the pause.',
    command: ({ names }) => names.find(({ unpauseUrl }) => unpauseUrl !== undefined)?.unpauseUrl ?? null,
  },
};

export function wordsOf(trouble: Trouble): TroubleWords {
  return WORDS[trouble.kind === 'notify_autossl_renewal' ? 'notify_autossl_expiry' : trouble.kind];
}

function failing({ names }: Trouble): string {
  return `${numbered(names.length, 'name')} that it secures now ${plural(names, 'fails', 'fail')} validation`;
}

function those({ names }: Trouble): string {
  const [only] = names;
  return names.length === 1 && only !== undefined ? nameText(only.name) : 'these names';
}

/** “its certificate expires in 3 days”. */
function endOf({ certificate, urgency }: Trouble, now: Date): string {
  if (certificate === null || certificate.isSelfSigned) return 'it has no certificate that browsers accept';
  const when = relativeWords(certificate.notAfter, now);
  return urgency === 'expired' ? `its certificate expired ${when}` : `its certificate expires ${when}`;
}

function certificateSentence({ certificate, urgency, vhost }: Trouble, now: Date): string {
  if (certificate === null) return `${nameText(vhost)} has no certificate.`;
  if (certificate.isSelfSigned) {
    return `${nameText(vhost)} has nothing but a self-signed certificate, of which ${WARNED}.`;
  }
  const end = instantWords(certificate.notAfter, now);
  return urgency === 'expired'
    ? `The certificate of ${nameText(vhost)} expired ${end}: ${WARNED}.`
    : `The certificate of ${nameText(vhost)} expires ${end}.`;
}

/** “its certificate expires in 6 days, ” where that is near. */
function urgentEnd(trouble: Trouble, now: Date): string {
  return trouble.urgency === 'calm' ? '' : `${endOf(trouble, now)}, `;
}

function urgentSuffix({ certificate, urgency }: Trouble, now: Date): string {
  if (urgency === 'calm' || certificate === null) return '';
  return ` The certificate ${urgency === 'expired' ? 'expired' : 'expires'} ${relativeWords(certificate.notAfter, now)}.`;
}

function attempt({ nextAttemptAt }: Trouble, now: Date): string {
  if (nextAttemptAt === null) return 'This server does not try again before somebody has changed something.';
  return nextAttemptAt <= now
    ? 'This server tries again at its next run.'
    : `This server tries again ${instantWords(nextAttemptAt, now)}.`;
}

/** Advice stands beside each name; where none does, only the server's people can do something. */
function mending({ names }: Trouble, reader: NoticeReader): string {
  const isMendable = names.some(({ advice }) => advice !== '');
  switch (reader) {
    case 'administrator':
      return isMendable
        ? 'Mend what stands beside the names, or have their owner do it. To look at one of them now:'
        : 'Find out what stands in the way:';
    case 'reseller':
      return isMendable
        ? 'Have their owner mend what stands beside the names.'
        : 'Ask the administrators of the server what stands in the way.';
    case 'user':
      return isMendable
        ? 'Do what stands beside each name. The rest happens by itself.'
        : 'Nothing at your website has to change for it: ask the administrators of the server if it stays so.';
  }
}

function whyCommand({ names, vhost }: Trouble): string | null {
  const name = names.length > 0 ? names[0]?.name : vhost;
  return name !== undefined && COMMAND_NAME.test(name) ? `autossl why ${name}` : null;
}

/** A name that can stand in a command that somebody pastes. */
const COMMAND_NAME = /^[a-z0-9][a-z0-9.-]*$/;

function plural(list: readonly unknown[], one: string, many: string): string {
  return list.length === 1 ? one : many;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
