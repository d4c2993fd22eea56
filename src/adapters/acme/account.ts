import { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import { problemCode, problemOf } from '../../core/order/problem-type.js';
import type { AcmeProblem } from '../../core/order/resources.js';
import { termsNotAccepted } from '../../core/provider/terms.js';
import { refusalWords } from '../../core/report/events/refusal-words.js';
import type { AcmeRefusal, CaAccount } from '../../runs/ports/authority.js';
import type { AccountFile, AccountFiles } from './account-files.js';
import {
  type AccountKey,
  type AccountKeyType,
  generateAccountKeyPem,
  readAccountKey,
} from './account-key.js';
import type { Directory } from './directory.js';
import { badAnswer } from './fields.js';
import { bindExternalAccount, createSigner, type ExternalAccount, type RequestSigner } from './jws.js';
import type { HttpAnswer } from './transport.js';
import { isRefusal, type Wire } from './wire.js';

/** What the administrator decided about the account at this CA. */
export interface AccountSettings {
  /** The provider's name, for the command that a message names. */
  readonly provider: string;
  readonly directoryUrl: string;
  readonly accountFiles: AccountFiles;
  /** URL of the terms that were accepted; null = none. */
  readonly termsAccepted: string | null;
  readonly eab: ExternalAccount | null;
  /** Mail addresses; empty is fine (Let's Encrypt keeps none). */
  readonly contact: readonly string[];
  /** Kind of a key yet to be made; an existing key is used as it is. */
  readonly accountKeyType: AccountKeyType;
}

/** An account that requests can be signed for. */
export interface OpenAccount extends CaAccount {
  readonly signer: RequestSigner;
}

/**
 * The account at the CA: key on disk before it is ever sent, registered once, found again by its key when its record is
 * lost, registered again when the CA no longer knows it. @throws ConfigurationError TERMS_NOT_ACCEPTED, AcmeProtocolError
 */
export async function openAccount(
  wire: Wire,
  settings: AccountSettings,
  signal: AbortSignal | undefined,
): Promise<OpenAccount | AcmeRefusal> {
  const directory = await wire.directory(signal);
  assertTermsAccepted(directory, settings);
  const { accountFiles } = settings;
  const present = await accountFiles.readKey();
  const pem = present ?? (await accountFiles.keepKey(await generateAccountKeyPem(settings.accountKeyType)));
  const key = await readAccountKey(pem, accountFiles.keyPath);
  const signer = await createSigner(key);
  const open = (url: string): OpenAccount => ({ url, keyThumbprint: key.thumbprint, signer });

  const known = present === undefined ? undefined : await accountFiles.readAccount();
  if (known?.directoryUrl === settings.directoryUrl && known.keyThumbprint === key.thumbprint) {
    const url = wire.rule.accept(known.url, 'our account');
    if (known.termsAcceptedUrl === directory.facts.termsOfService) return open(url);
    await agreeAgain(wire, signer, url, signal);
    await accountFiles.writeAccount({ ...known, termsAcceptedUrl: directory.facts.termsOfService });
    return open(url);
  }
  const found =
    present === undefined ? undefined : await lookUpAccount(wire, directory, settings, signer, signal);
  const registered = found ?? (await registerAccount(wire, directory, settings, key, signer, signal));
  if (isRefusal(registered)) return registered;
  await accountFiles.writeAccount(accountFileOf(settings, directory, key, registered.url));
  return open(registered.url);
}

/** Registers again with the key in use, after the CA said that it does not know the account (it was reset). */
export async function registerAgain(
  wire: Wire,
  settings: AccountSettings,
  lost: OpenAccount,
  signal: AbortSignal | undefined,
): Promise<OpenAccount | AcmeRefusal> {
  const directory = await wire.directory(signal);
  assertTermsAccepted(directory, settings);
  const pem = await settings.accountFiles.readKey();
  if (pem === undefined) return openAccount(wire, settings, signal);
  const key = await readAccountKey(pem, settings.accountFiles.keyPath);
  const registered = await registerAccount(wire, directory, settings, key, lost.signer, signal);
  if (isRefusal(registered)) return registered;
  await settings.accountFiles.writeAccount(accountFileOf(settings, directory, key, registered.url));
  return { ...lost, url: registered.url };
}

function assertTermsAccepted(directory: Directory, settings: AccountSettings): void {
  const { termsOfService } = directory.facts;
  if (termsOfService !== null && termsOfService !== settings.termsAccepted)
    throw termsNotAccepted(settings.provider, termsOfService);
}

async function lookUpAccount(
  wire: Wire,
  directory: Directory,
  settings: AccountSettings,
  signer: RequestSigner,
  signal: AbortSignal | undefined,
): Promise<{ readonly url: string } | AcmeRefusal | undefined> {
  const answer = await wire.post({
    url: directory.newAccount,
    payload: { onlyReturnExisting: true },
    signer,
    kid: null,
    isRepeatable: true,
    signal,
  });
  if (!isRefusal(answer)) return { url: accountUrlOf(answer, wire) };
  if (problemCode(answer.refused) === 'accountDoesNotExist') return undefined;
  // A CA that wants an external account may say so before it looks.
  if (problemCode(answer.refused) === 'externalAccountRequired' && settings.eab !== null) return undefined;
  return answer;
}

async function registerAccount(
  wire: Wire,
  directory: Directory,
  settings: AccountSettings,
  key: AccountKey,
  signer: RequestSigner,
  signal: AbortSignal | undefined,
): Promise<{ readonly url: string } | AcmeRefusal> {
  const { eab, provider, contact } = settings;
  if (directory.facts.requiresEab && eab === null) return { refused: externalAccountMissing(provider) };
  const payload = {
    ...(directory.facts.termsOfService === null ? {} : { termsOfServiceAgreed: true }),
    ...(contact.length === 0 ? {} : { contact: contact.map((one) => `mailto:${one}`) }),
    ...(eab === null
      ? {}
      : { externalAccountBinding: await bindExternalAccount(eab, key.jwk, directory.newAccount) }),
  };
  const url = directory.newAccount;
  const answer = await wire.post({ url, payload, signer, kid: null, isRepeatable: true, signal });
  if (!isRefusal(answer)) return { url: accountUrlOf(answer, wire) };
  return { refused: explained(answer.refused, settings) };
}

/**
 * Tells the CA of the yes to changed terms (RFC 8555 section 7.3.3). Its refusal means nothing: several CAs know no such
 * update, and one that still waits for a yes says `userActionRequired` to the next request.
 */
async function agreeAgain(
  wire: Wire,
  signer: RequestSigner,
  url: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await wire.post({
    url,
    payload: { termsOfServiceAgreed: true },
    signer,
    kid: url,
    isRepeatable: true,
    signal,
  });
}

function accountUrlOf(answer: HttpAnswer, wire: Wire): string {
  const { location } = answer.headers;
  if (location === undefined) throw badAnswer(`the CA at ${wire.rule.host} did not say where our account is`);
  return wire.rule.accept(location, 'our account');
}

function accountFileOf(
  settings: AccountSettings,
  directory: Directory,
  key: AccountKey,
  url: string,
): AccountFile {
  return {
    schemaVersion: 1,
    directoryUrl: settings.directoryUrl,
    url,
    keyThumbprint: key.thumbprint,
    termsAcceptedUrl: directory.facts.termsOfService,
    contact: settings.contact,
    eabKid: settings.eab?.kid ?? null,
    createdAt: new Date().toISOString(),
  };
}

function externalAccountMissing(provider: string): AcmeProblem {
  return problemOf(
    'externalAccountRequired',
    `${provider} registers only accounts bound to one that you have with it: ask it for a key id and an HMAC key, then run: autossl provider use ${provider} --eab-kid K --eab-hmac file:F`,
  );
}

function explained(problem: AcmeProblem, settings: AccountSettings): AcmeProblem {
  const code = problemCode(problem);
  if (code === 'externalAccountRequired' && settings.eab === null)
    return { ...problem, detail: externalAccountMissing(settings.provider).detail };
  if (settings.eab === null || (code !== 'unauthorized' && code !== 'externalAccountRequired'))
    return problem;
  return {
    ...problem,
    detail: `${settings.provider} does not accept the external account with key id ${settings.eab.kid} (wrong or used up HMAC key?): ${problem.detail}`,
  };
}

/** The error of a request signed for an account that could not be opened. */
export function accountRefused(problem: AcmeProblem): AcmeProtocolError {
  return new AcmeProtocolError('PROBLEM', refusalWords('the CA refused our account', problem));
}
