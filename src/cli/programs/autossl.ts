import { Command, Option } from 'commander';
import { MOST_STARS, USABILITY_RULES } from '../../core/provider/usability.js';
import { addCompletion } from '../command-lines/completion.js';
import { addDoctor } from '../command-lines/doctor.js';
import { addExclude } from '../command-lines/exclude.js';
import { addLimits } from '../command-lines/limits.js';
import { addLogs } from '../command-lines/logs.js';
import { addNotify } from '../command-lines/notify.js';
import { addOptions } from '../command-lines/options.js';
import { addPlan } from '../command-lines/plan.js';
import { addQueue } from '../command-lines/queue.js';
import { addRehearse } from '../command-lines/rehearse.js';
import { addUsers } from '../command-lines/users.js';
import { addWebsiteInstall } from '../command-lines/website-certificate.js';
import { runProgram } from '../run-program.js';
import { VERSION } from '../version.js';

const SCORE_HELP = `
Score: stars, at most ${MOST_STARS}:
${USABILITY_RULES.map((rule) => `  ${rule}`).join('\n')}
Delivery ("How"): api, a run waits for it; queue, it is parked and polled.

Examples:
  autossl provider list
  autossl provider list --details`;

const program = new Command('autossl')
  .description('Set up, manage and look at AutoSSL on this server.')
  .version(VERSION)
  .addHelpText('after', '\nSee autossl(8).');

const website = program
  .command('website')
  .description('the websites of accounts, where no panel manages them');
const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

website
  .command('add')
  .description('add a website to an account, or change its document root and give it more aliases')
  .argument('<user>', 'the account: a user of this system')
  .argument('<name>', 'what the website is called')
  .requiredOption('--docroot <dir>', 'its document root, an absolute path')
  .option('--alias <name>', 'another name that it answers to; may be repeated', collect)
  .option('--json', 'as JSON')
  .action(async (user: string, name: string, options: import('../commands/website.js').AddFlags) => {
    const { addCommand } = await import('../commands/website.js');
    process.exitCode = await addCommand(user, name, options);
  });

website
  .command('remove')
  .description('remove a website from an account, or only some of its aliases')
  .argument('<user>', 'the account')
  .argument('<name>', 'what the website is called')
  .option('--alias <name>', 'remove only this alias; may be repeated', collect)
  .option('--json', 'as JSON')
  .action(async (user: string, name: string, options: import('../commands/website.js').RemoveFlags) => {
    const { removeCommand } = await import('../commands/website.js');
    process.exitCode = await removeCommand(user, name, options);
  });

website
  .command('list')
  .description('the websites of one or all accounts')
  .argument('[user]', 'default: every account')
  .option('--json', 'as JSON')
  .action(async (user: string | undefined, options: { json?: boolean }) => {
    const { listCommand } = await import('../commands/website.js');
    process.exitCode = await listCommand(user, options.json === true);
  });
addWebsiteInstall(website);

program
  .command('adopt')
  .description("show the websites and certificates of a web server's configuration, and take them over")
  .requiredOption('--from <server>', 'nginx or apache')
  .option('--apply', 'write what is shown')
  .option('--user <name>', "the account of websites whose document root is no user's")
  .option('--json', 'as JSON')
  .action(async (options: import('../commands/adopt.js').AdoptFlags) => {
    const { adoptCommand } = await import('../commands/adopt.js');
    process.exitCode = await adoptCommand(options);
  });

const provider = program.command('provider').description('the certificate authorities that AutoSSL can use');

provider
  .command('list')
  .description('every provider, an asterisk before the active one, with its usability score')
  .option('--details', 'every fact that the score is made of')
  .option('--json', 'as JSON')
  .addHelpText('after', () => SCORE_HELP)
  .action(async (options: { details?: boolean; json?: boolean }) => {
    const { listCommand } = await import('../commands/provider.js');
    process.exitCode = await listCommand(options);
  });

provider
  .command('show')
  .description('one provider in detail')
  .argument('[name]', 'default: the active one')
  .option('--ask', 'ask its directory what it says now')
  .option('--json', 'as JSON')
  .addHelpText('after', '\nExamples:\n  autossl provider show\n  autossl provider show LetsEncrypt --ask')
  .action(async (name: string | undefined, options: { ask?: boolean; json?: boolean }) => {
    const { showCommand } = await import('../commands/provider.js');
    process.exitCode = await showCommand(name, options);
  });

/** What is said about a provider. */
const withChoice = (command: Command): Command =>
  command
    .option('--accept-terms <url>', 'accept the terms of service at this address')
    .option('--directory <url>', 'ACME directory, of those that take one')
    .option('--ca-bundle <file>', "PEM roots that sign the provider's own web server")
    .option('--eab-kid <id>', 'external account binding: key identifier')
    .addOption(new Option('--eab-hmac <file:path>', 'external account binding: file that holds the HMAC key'))
    .option('--profile <name>', 'profile of its certificates; empty: the default one')
    .option('--set <name=value>', "a property of a third party's provider; may be repeated", collect);

withChoice(provider.command('use'))
  .description('choose the provider and register our account there; what is not said stays as it was')
  .argument('<name>', 'a name that "autossl provider list" shows')
  .option(
    '--fallback <names>',
    'who stands in while it cannot be used, in this order, with commas between; none: nobody',
  )
  .addHelpText(
    'after',
    `
Examples:
  autossl provider use LetsEncrypt --accept-terms URL
  autossl provider use ZeroSSL --accept-terms URL --eab-kid ID --eab-hmac file:/root/eab
  autossl provider use CustomACME --directory https://ca.example/directory
  autossl provider use LetsEncrypt --fallback ZeroSSL,GoogleTrustServices`,
  )
  .action(async (name: string, options: import('../commands/provider.js').UseFlags) => {
    const { useCommand } = await import('../commands/provider.js');
    process.exitCode = await useCommand(name, options);
  });

withChoice(provider.command('register'))
  .description('register our account with a provider that is not to be the active one')
  .argument('<name>', 'a name that "autossl provider list" shows')
  .addHelpText('after', '\nExample:\n  autossl provider register ZeroSSL --accept-terms URL')
  .action(async (name: string, options: import('../commands/provider.js').UseFlags) => {
    const { registerCommand } = await import('../commands/provider.js');
    process.exitCode = await registerCommand(name, options);
  });

provider
  .command('disable')
  .description('switch AutoSSL off: nothing is ordered until a provider is chosen')
  .addHelpText('after', '\nExample:\n  autossl provider disable')
  .action(async () => {
    const { disableCommand } = await import('../commands/provider.js');
    process.exitCode = await disableCommand();
  });

withChoice(provider.command('reset'))
  .description('register a new account with a new key; the former key is archived')
  .argument('[name]', 'default: the active one; which one is active stays')
  .addHelpText(
    'after',
    `
Examples:
  autossl provider reset
  autossl provider reset GoogleTrustServices --eab-kid ID --eab-hmac file:/root/eab`,
  )
  .action(async (name: string | undefined, options: import('../commands/provider.js').UseFlags) => {
    const { resetCommand } = await import('../commands/provider.js');
    process.exitCode = await resetCommand(name, options);
  });

const caa = program.command('caa').description('CAA records that runs added to zones of this server');

caa
  .command('list')
  .description('what was added, and what was taken back')
  .option('--json', 'as JSON')
  .action(async (options: { json?: boolean }) => {
    const { listCaaCommand } = await import('../commands/caa.js');
    process.exitCode = await listCaaCommand(options.json === true);
  });

caa
  .command('undo')
  .description('take added records away; they are not added again')
  .argument('[id...]', 'as "autossl caa list" shows them, or the domains')
  .option('--all', 'every one')
  .option('--json', 'as JSON')
  .action(async (ids: string[], options: import('../commands/caa.js').UndoFlags) => {
    const { undoCaaCommand } = await import('../commands/caa.js');
    process.exitCode = await undoCaaCommand(ids, options);
  });

caa
  .command('forget')
  .description('let records that were taken back be added again')
  .argument('<id...>', 'as "autossl caa list" shows them, or the domains')
  .option('--json', 'as JSON')
  .action(async (ids: string[], options: { json?: boolean }) => {
    const { forgetCaaCommand } = await import('../commands/caa.js');
    process.exitCode = await forgetCaaCommand(ids, options.json === true);
  });

program
  .command('setup')
  .description('let runs happen by themselves; without options: show what that takes')
  .option('--cron', 'nightly runs and a script for maintenance jobs')
  .option('--cpanel-paths', 'links for callers of the documented paths')
  .option('--sudoers', 'let accounts have uapi answer for themselves (not among what --yes does)')
  .option('--undo', 'take away what setup made')
  .option('--yes', 'do all that is shown without options')
  .option('--dry-run', 'only show')
  .option('--json', 'as JSON')
  .action(async (options: import('../commands/setup.js').SetUpFlags) => {
    const { setUpCommand } = await import('../commands/setup.js');
    process.exitCode = await setUpCommand(options);
  });

const words = (value: string, all: readonly string[] = []): readonly string[] => [
  ...all,
  ...value.split(','),
];

program
  .command('status')
  .description('the websites: names, certificate, days left, whether it is served, what is next')
  .argument('[website...]', 'only these, with every detail')
  .option('--user <name>', 'only the websites of this account')
  .option('--sort <key>', 'account, website, expiry or next (default: account)')
  .option(
    '--only <what>',
    'ok, incomplete, expired, expiring, failing, not-served, pending, foreign; may be repeated, or several with commas',
    words,
  )
  .option('--fail-on <what>', 'exit 1 when a website is expired, expiring or failing', words)
  .option('--json', 'one JSON document with everything that is known')
  .action(async (websites: string[], options: import('../commands/status.js').StatusFlags) => {
    const { statusCommand } = await import('../commands/status.js');
    process.exitCode = await statusCommand(websites, options);
  });

program
  .command('verify')
  .description('ask the web servers whether they serve the certificates, and keep what was seen')
  .argument('[website...]', 'only these')
  .option('--user <name>', 'only the websites of this account')
  .option('--all', 'every website')
  .option('--json', 'one JSON document with everything that was seen')
  .action(async (websites: string[], options: import('../commands/verify.js').VerifyFlags) => {
    const { verifyCommand } = await import('../commands/verify.js');
    process.exitCode = await verifyCommand(websites, options);
  });

program
  .command('why')
  .description('why a name is secured or not: what is known of it, what is seen now, what to change')
  .argument('<domain>', 'a name, or a URL of it')
  .option('--no-look', 'only what is recorded: ask neither DNS nor web servers')
  .option('--json', 'one JSON document with everything that is known')
  .action(async (domain: string, options: import('../commands/why.js').WhyFlags) => {
    const { whyCommand } = await import('../commands/why.js');
    process.exitCode = await whyCommand(domain, options);
  });

program
  .command('problems')
  .description('what the last runs found wrong with names and websites, and since when')
  .option('--user <name>', 'only those of this account')
  .option('--domain <name>', 'only those of this name, or of the website that is called so')
  .option('--json', 'one JSON document, with the advice and the log of each')
  .action(async (options: import('../commands/problems.js').ProblemsFlags) => {
    const { problemsCommand } = await import('../commands/problems.js');
    process.exitCode = await problemsCommand(options);
  });

program
  .command('inspect')
  .description('say what certificate files hold and what is wrong with them')
  .argument('<file...>', 'PEM, bundle or DER files')
  .option('--json', 'one JSON object per file')
  .action(async (files: string[], options: { json?: boolean }) => {
    const { inspect } = await import('../commands/inspect.js');
    const { openInspectionHost } = await import('../host/websites/inspection.js');
    const stdout = (text: string): void => {
      process.stdout.write(text);
    };
    const io = {
      ...openInspectionHost(process.env, process.getuid?.() ?? 0),
      stdout,
      isTerminal: process.stdout.isTTY === true,
    };
    process.exitCode = await inspect(files, options, io);
  });

program
  .command('rollback')
  .description('put a former certificate of a website back, tested like a new one')
  .argument('<website>', 'what the website is called')
  .option('--to <fingerprint>', 'the certificate whose SHA-256 fingerprint begins so; default: the newest')
  .option('--list', 'only say which former certificates are kept')
  .option('--json', 'as JSON')
  .action(async (name: string, options: import('../commands/rollback.js').RollbackFlags) => {
    const { rollbackCommand } = await import('../commands/rollback.js');
    process.exitCode = await rollbackCommand(name, options);
  });

program
  .command('sni')
  .description('the names of customers that mail and FTP answer for, and what their configurations lack')
  .option('--update', 'first give the daemons what changed, as every run does')
  .option('--json', 'as JSON')
  .action(async (options: import('../commands/sni.js').SniFlags) => {
    const { sniCommand } = await import('../commands/sni.js');
    process.exitCode = await sniCommand(options);
  });

const services = program
  .command('services')
  .description("the certificates of the server's own services: cpanel, exim, dovecot, ftp");

services
  .command('list', { isDefault: true })
  .description('what each has: domains, expiry, key, issuer, what is wrong with it')
  .option('--details <service>', 'everything about this one')
  .option('--json', 'as JSON')
  // A word that is no command comes here, and is told better than by the number of words.
  .allowExcessArguments()
  .action(async (options: import('../commands/services.js').ListServicesFlags, list: Command) => {
    const { listServicesCommand } = await import('../commands/services.js');
    process.exitCode = await listServicesCommand(list.args, options);
  });

services
  .command('install')
  .description('give services a certificate of your own, after everything about it was checked')
  .argument('<service...>', 'cpanel, exim, dovecot, ftp')
  .requiredOption('--certificate <file>', 'the certificate, PEM or DER; "-" is standard input')
  .option('--key <file>', 'its private key; default: in the same file, or one that this server has')
  .option('--bundle <file>', 'the certificates of its authority; default: those that this server has')
  .option('--json', 'as JSON')
  .action(async (names: string[], options: import('../commands/services-change.js').InstallFlags) => {
    const { installServicesCommand } = await import('../commands/services-change.js');
    process.exitCode = await installServicesCommand(names, options);
  });

services
  .command('reset')
  .description('put a new self-signed certificate in place of what services have')
  .argument('<service...>', 'cpanel, exim, dovecot, ftp')
  .option('--yes', 'do it; without: only say what would be replaced')
  .option('--json', 'as JSON')
  .action(async (names: string[], options: import('../commands/services-change.js').ResetFlags) => {
    const { resetServicesCommand } = await import('../commands/services-change.js');
    process.exitCode = await resetServicesCommand(names, options);
  });

services
  .command('apply')
  .description('give other services the certificate that one has')
  .argument('<from>', 'the service that has it')
  .argument('<to...>', 'the services that are given it')
  .option('--json', 'as JSON')
  .action(async (from: string, to: string[], options: { json?: boolean }) => {
    const { applyServicesCommand } = await import('../commands/services-change.js');
    process.exitCode = await applyServicesCommand(from, to, options);
  });

services
  .command('rollback')
  .description('put the former certificate of a service back')
  .argument('<service>', 'cpanel, exim, dovecot or ftp')
  .option('--to <fingerprint>', 'the certificate whose SHA-256 fingerprint begins so; default: the newest')
  .option('--json', 'as JSON')
  .action(async (name: string, options: import('../commands/services-change.js').RollbackServiceFlags) => {
    const { rollbackServiceCommand } = await import('../commands/services-change.js');
    process.exitCode = await rollbackServiceCommand(name, options);
  });

services
  .command('restart')
  .description('restart the daemons of services, and say whether they live')
  .argument('<service...>', 'cpanel, exim, dovecot, ftp')
  .option('--json', 'as JSON')
  .action(async (names: string[], options: { json?: boolean }) => {
    const { restartServicesCommand } = await import('../commands/services-change.js');
    process.exitCode = await restartServicesCommand(names, options);
  });

addOptions(program);
addNotify(program);
addUsers(program);
addExclude(program);
addQueue(program);
addPlan(program);
addLimits(program);
addRehearse(program);
addDoctor(program);
addLogs(program);
addCompletion(program);

await runProgram(program, process.argv);
