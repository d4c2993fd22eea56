import { resolve } from 'node:path';
import { UsageError } from '../../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../../core/domain/names.js';
import type { ProviderChoice } from '../../core/provider/choice.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import { findProvider, namedProvider, PROVIDERS } from '../../core/provider/registry.js';
import { EXIT } from '../../core/report/exit-code.js';
import { useProvider } from '../../runs/use-provider.js';
import { openProviderHost, type ProviderHost } from '../host/provider.js';

export interface UseFlags {
  readonly acceptTerms?: string;
  readonly directory?: string;
  readonly caBundle?: string;
  readonly eabKid?: string;
  readonly eabHmac?: string;
}

const DAY_MS = 86_400_000;

/** `autossl provider list`. */
export async function listProviders(isJson: boolean): Promise<number> {
  const host = await openProviderHost(process.env, process.getuid?.() ?? 0);
  const rows = PROVIDERS.map((provider) => ({ ...provider, isActive: isActive(provider, host) }));
  if (host.activeName !== null && !rows.some((row) => row.isActive)) {
    process.stderr.write(
      `autossl: the active provider is ${quoteForMessage(host.activeName)}, which is none of these. Choose one: autossl provider use NAME\n`,
    );
  }
  if (isJson) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return EXIT.done;
  }
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    head: ['', 'Provider', 'Names', 'Validity', 'Methods', 'Redirects', 'Wildcards'],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    table.push([
      row.isActive ? '*' : '',
      `${row.name} (${row.displayName})`,
      row.maxNamesPerCertificate ?? 'unspecified',
      row.validityPeriodMs === null ? 'unspecified' : `${Math.round(row.validityPeriodMs / DAY_MS)} days`,
      row.dcvMethods.join(', '),
      row.httpMaxRedirects,
      row.supportsWildcard ? 'yes' : 'no',
    ]);
  }
  process.stdout.write(`${table.toString()}\n`);
  return EXIT.done;
}

/** `autossl provider show [NAME]`. */
export async function showProvider(name: string | undefined, isJson: boolean): Promise<number> {
  const host = await openProviderHost(process.env, process.getuid?.() ?? 0);
  const wanted = name ?? host.activeName;
  if (wanted === null) {
    throw new UsageError('BAD_ARGUMENT', 'no provider is chosen, so name the one to show', {
      advice: 'See "autossl provider list".',
    });
  }
  // A name that autossl.json has is not the user's mistake.
  const provider = name === undefined ? findProvider(wanted) : namedProvider(wanted);
  const chosen = await host.choiceOf(provider.name);
  if (isJson) {
    process.stdout.write(
      `${JSON.stringify({ ...provider, isActive: isActive(provider, host), chosen }, null, 2)}\n`,
    );
  } else {
    process.stdout.write(describe(provider, chosen, isActive(provider, host)));
  }
  return EXIT.done;
}

/** `autossl provider use NAME …`. */
export async function chooseProvider(name: string, flags: UseFlags): Promise<number> {
  const choice = choiceFrom(name, flags);
  const host = await openProviderHost(process.env, process.getuid?.() ?? 0);
  const result = await useProvider(choice, host);
  if (!result.isChosen) {
    const { detail, type } = result.refusal;
    process.stderr.write(
      `autossl: ${name} refuses to register us: ${printable(detail)} (${printable(type)})\n`,
    );
    return EXIT.failed;
  }
  process.stdout.write(
    `${result.provider.displayName} is the provider now; our account there: ${printable(result.account.url)}\n`,
  );
  return EXIT.done;
}

/** Case does not matter, as in `provider use`. */
function isActive({ name }: ProviderDescription, { activeName }: ProviderHost): boolean {
  return name.toLowerCase() === activeName?.toLowerCase();
}

function choiceFrom(name: string, flags: UseFlags): ProviderChoice {
  return {
    name,
    acceptedTermsUrl: flags.acceptTerms ?? null,
    directoryUrl: flags.directory === undefined ? null : parseDirectoryUrl(flags.directory),
    caBundlePath: flags.caBundle === undefined ? null : resolve(flags.caBundle),
    eabKeyId: flags.eabKid ?? null,
    eabHmacPath: flags.eabHmac === undefined ? null : parseFileReference(flags.eabHmac),
  };
}

function parseDirectoryUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError('BAD_ARGUMENT', `--directory must be an https:// address, not “${printable(text)}”`);
  }
  const { username, password } = new URL(text);
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

function parseFileReference(text: string): string {
  if (!text.startsWith('file:') || text.length === 'file:'.length) {
    throw new UsageError(
      'BAD_ARGUMENT',
      '--eab-hmac takes file:PATH: a key given in the command line can be read by every user',
      {
        advice: 'Put the key into a file of mode 0600 and name it.',
      },
    );
  }
  return resolve(text.slice('file:'.length));
}

function describe(provider: ProviderDescription, choice: ProviderChoice | null, isChosen: boolean): string {
  const isLocal = provider.kind === 'local';
  const rows: [string, string][] = [
    ['Provider', `${provider.name} (${provider.displayName})${isChosen ? ', active' : ''}`],
    [
      'Directory',
      choice?.directoryUrl ??
        provider.directoryUrl ??
        (isLocal ? 'none, it is on this server' : 'given with --directory'),
    ],
    ['Delivery method', provider.deliveryMethod],
    ['Validation methods', provider.dcvMethods.join(', ')],
    ['Names per certificate', String(provider.maxNamesPerCertificate ?? 'unspecified')],
    ['Wildcards', provider.supportsWildcard ? 'yes' : 'no'],
    ['Redirects followed', String(provider.httpMaxRedirects)],
    [
      'Validity',
      provider.validityPeriodMs === null
        ? 'unspecified'
        : `${Math.round(provider.validityPeriodMs / DAY_MS)} days`,
    ],
    [
      'Renewed',
      `at most ${provider.daysToReplace} days before expiry, never earlier than a third of the life`,
    ],
    ['CAA identities', provider.caaIdentities.join(', ') || (isLocal ? 'none' : 'from its directory')],
    ['Terms accepted', choice?.acceptedTermsUrl ?? 'none'],
    ['External account', choice?.eabKeyId ?? 'none'],
  ];
  return `${rows.map(([key, value]) => `${`${key}:`.padEnd(24)}${printable(value)}`).join('\n')}\n`;
}
