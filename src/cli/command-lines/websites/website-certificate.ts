import type { Command } from 'commander';

/** `autossl website install`. */
export function addWebsiteInstall(website: Command): void {
  website
    .command('install')
    .description('give a website a certificate of your own, after everything about it was checked')
    .argument('<name>', 'what the website is called, or another of its names')
    .requiredOption('--certificate <file>', 'the certificate, PEM or DER; "-" is standard input')
    .option('--key <file>', 'its private key; default: in the same file')
    .option('--bundle <file>', 'the certificates of its authority; default: those that this server has')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Example:
  autossl website install example.com --certificate site.crt --key site.key`,
    )
    .action(
      async (
        name: string,
        flags: import('../../commands/manage/website-certificate.js').InstallWebsiteFlags,
      ) => {
        const { installWebsiteCommand } = await import('../../commands/manage/website-certificate.js');
        process.exitCode = await installWebsiteCommand(name, flags);
      },
    );
}
