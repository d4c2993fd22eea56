import type { Command } from 'commander';

/** `autossl services …`. */
export function addServices(program: Command): void {
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
    .action(async (options: import('../../commands/services.js').ListServicesFlags, list: Command) => {
      const { listServicesCommand } = await import('../../commands/services.js');
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
    .action(async (names: string[], options: import('../../commands/services-change.js').InstallFlags) => {
      const { installServicesCommand } = await import('../../commands/services-change.js');
      process.exitCode = await installServicesCommand(names, options);
    });

  services
    .command('reset')
    .description('put a new self-signed certificate in place of what services have')
    .argument('<service...>', 'cpanel, exim, dovecot, ftp')
    .option('--yes', 'do it; without: only say what would be replaced')
    .option('--json', 'as JSON')
    .action(async (names: string[], options: import('../../commands/services-change.js').ResetFlags) => {
      const { resetServicesCommand } = await import('../../commands/services-change.js');
      process.exitCode = await resetServicesCommand(names, options);
    });

  services
    .command('apply')
    .description('give other services the certificate that one has')
    .argument('<from>', 'the service that has it')
    .argument('<to...>', 'the services that are given it')
    .option('--json', 'as JSON')
    .action(async (from: string, to: string[], options: { json?: boolean }) => {
      const { applyServicesCommand } = await import('../../commands/services-change.js');
      process.exitCode = await applyServicesCommand(from, to, options);
    });

  services
    .command('rollback')
    .description('put the former certificate of a service back')
    .argument('<service>', 'cpanel, exim, dovecot or ftp')
    .option('--to <fingerprint>', 'the certificate whose SHA-256 fingerprint begins so; default: the newest')
    .option('--json', 'as JSON')
    .action(
      async (name: string, options: import('../../commands/services-change.js').RollbackServiceFlags) => {
        const { rollbackServiceCommand } = await import('../../commands/services-change.js');
        process.exitCode = await rollbackServiceCommand(name, options);
      },
    );

  services
    .command('restart')
    .description('restart the daemons of services, and say whether they live')
    .argument('<service...>', 'cpanel, exim, dovecot, ftp')
    .option('--json', 'as JSON')
    .action(async (names: string[], options: { json?: boolean }) => {
      const { restartServicesCommand } = await import('../../commands/services-change.js');
      process.exitCode = await restartServicesCommand(names, options);
    });
}
