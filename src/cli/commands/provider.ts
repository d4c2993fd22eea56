import { ConfigurationError } from '../../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../../core/domain/name/names.js';
import type { AcmeProblem } from '../../core/order/resources.js';
import type { ProviderStanding } from '../../core/provider/standing.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import { renderProviderDetails } from '../../core/report/providers/provider-details.js';
import { renderProviderTable } from '../../core/report/providers/provider-table.js';
import { escapeInvisible } from '../../core/report/text/json-lines.js';
import { counted } from '../../core/report/text/wording.js';
import { parseSaid } from '../../runs/manage/provider-choice.js';
import { disableAutossl, listProviders, resetProvider, showProvider } from '../../runs/manage/providers.js';
import { registerProvider, useProvider } from '../../runs/use-provider.js';
import { openProvidersHost } from '../host/manage/provider.js';

/** The options of `provider use` and `provider reset`. */
export interface UseFlags {
  readonly acceptTerms?: string;
  readonly directory?: string;
  readonly caBundle?: string;
  readonly eabKid?: string;
  readonly eabHmac?: string;
  /** Names with commas between them. */
  readonly fallback?: string;
  readonly profile?: string;
  /** `name=value`. */
  readonly set?: readonly string[];
}

/** `autossl provider list`. Gives 1 when a third party's provider is broken. */
export async function listCommand(flags: {
  readonly details?: boolean;
  readonly json?: boolean;
}): Promise<number> {
  const { standings, broken, unknownActive } = await listProviders(await openHost());
  for (const { name, why } of broken) {
    process.stderr.write(`autossl: the provider ${quoteForMessage(name)} cannot be used: ${why}\n`);
  }
  if (unknownActive !== null) {
    process.stderr.write(
      `autossl: the active provider is ${quoteForMessage(unknownActive)}, which is none of these. Choose one: autossl provider use NAME\n`,
    );
  }
  if (flags.json === true) {
    const active = standings.find(({ isActive }) => isActive)?.provider.name ?? unknownActive;
    printJson({ schemaVersion: 1, active, providers: standings.map(documentOf), broken });
  } else {
    const width = process.stdout.isTTY ? process.stdout.columns : null;
    process.stdout.write(renderProviderTable(standings, { isDetailed: flags.details === true, width }));
  }
  return broken.length === 0 ? EXIT.done : EXIT.failed;
}

/** `autossl provider show [NAME]`. */
export async function showCommand(
  name: string | undefined,
  flags: { readonly ask?: boolean; readonly json?: boolean },
): Promise<number> {
  const standing = await showProvider(name ?? null, flags.ask === true, await openHost());
  if (flags.json === true) printJson({ schemaVersion: 1, ...documentOf(standing) });
  else process.stdout.write(renderProviderDetails(standing));
  return EXIT.done;
}

/** `autossl provider use NAME …`. */
export async function useCommand(name: string, flags: UseFlags): Promise<number> {
  const said = parseSaid(name, wordsOf(flags), process.cwd());
  const result = await useProvider(said, await openHost());
  if (!result.isChosen) return refused(name, result.refusal);
  process.stdout.write(
    `${result.provider.displayName} is the provider now; our account there: ${printable(result.account.url)}\n`,
  );
  return EXIT.done;
}

/** `autossl provider register NAME …`. */
export async function registerCommand(name: string, flags: UseFlags): Promise<number> {
  const said = parseSaid(name, wordsOf(flags), process.cwd());
  const result = await registerProvider(said, await openHost());
  if (!result.isChosen) return refused(name, result.refusal);
  process.stdout.write(
    `We are registered with ${result.provider.displayName}: ${printable(result.account.url)}\n`,
  );
  return EXIT.done;
}

/** `autossl provider disable`. */
export async function disableCommand(): Promise<number> {
  await disableAutossl(await openHost());
  process.stdout.write(
    'AutoSSL is off: nothing is ordered until a provider is chosen (autossl provider use NAME).\n',
  );
  return EXIT.done;
}

/** `autossl provider reset [NAME] …`: by default the active one. */
export async function resetCommand(name: string | undefined, flags: UseFlags): Promise<number> {
  const host = await openHost();
  const wanted = name ?? host.activeName();
  if (wanted === null) {
    throw new ConfigurationError('UNKNOWN_PROVIDER', 'no provider is chosen, so name the one to reset', {
      advice: 'See "autossl provider list".',
    });
  }
  const result = await resetProvider(parseSaid(wanted, wordsOf(flags), process.cwd()), host);
  if (!result.isReset) return refused(wanted, result.refusal);
  const { provider, account, formerUrl, lostOrders } = result;
  const former = formerUrl === null ? 'there was none before' : `the former one was ${printable(formerUrl)}`;
  process.stdout.write(`${provider.displayName} registered us anew: ${printable(account.url)}; ${former}\n`);
  if (lostOrders > 0) {
    process.stdout.write(
      `${counted(lostOrders, 'order')} of the former account cannot be gone on with; the next run orders again.\n`,
    );
  }
  return EXIT.done;
}

function openHost(): ReturnType<typeof openProvidersHost> {
  return openProvidersHost(process.env, process.getuid?.() ?? 0);
}

function wordsOf({ set = [], ...words }: UseFlags): Parameters<typeof parseSaid>[1] {
  const pairs = set.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
  return { ...words, properties: new Map(pairs) };
}

function refused(name: string, { detail, type }: AcmeProblem): number {
  process.stderr.write(
    `autossl: ${printable(name)} refuses to register us: ${printable(detail)} (${printable(type)})\n`,
  );
  return EXIT.failed;
}

function documentOf({ provider, choice, ...standing }: ProviderStanding): object {
  return { ...provider, ...standing, chosen: choice };
}

function printJson(document: object): void {
  const lines = JSON.stringify(document, null, 2).split('\n');
  process.stdout.write(`${lines.map(escapeInvisible).join('\n')}\n`);
}
