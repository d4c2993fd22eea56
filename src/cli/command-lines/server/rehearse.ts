import type { Command } from 'commander';
import { separated } from '../repeated.js';

/** `autossl rehearse`. */
export function addRehearse(program: Command): void {
  program
    .command('rehearse')
    .description('live through a year of renewals by the rules of this server, without asking anybody')
    .option('--days <n>', 'how long', '365')
    .option(
      '--lifetime <life>',
      'of the certificates, such as 90d or 160h; may be repeated (default: 200d,90d,64d,45d,160h)',
      separated,
    )
    .option('--websites <n>', 'so many made-up websites, all secured at once; default: those of this server')
    .option(
      '--ari-incident <day>',
      'the CA calls a tenth of its certificates back; may be repeated',
      separated,
    )
    .option('--outage <day:days>', 'no CA answers from that day on; may be repeated', separated)
    .option(
      '--without-ari',
      'as if the CA did not say when to renew (RFC 9773), nor exempted what it said so of',
    )
    .option('--seed <n>', 'other chances', '1')
    .option('--plot <file>', 'write orders a day as FILE (SVG), and as CSV beside it; neither may exist')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample:\n  autossl rehearse --websites 10000 --lifetime 45d --outage 100:5')
    .allowExcessArguments(false)
    .action(async (flags: import('../../commands/manage/rehearse.js').RehearseFlags) => {
      const { rehearseCommand } = await import('../../commands/manage/rehearse.js');
      process.exitCode = await rehearseCommand(flags);
    });
}
