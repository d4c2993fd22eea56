import type { Command } from 'commander';

/** `autossl doctor`. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at everything that certificates depend on here: files, cron, clock, DNS, the CA')
    .option('--fix', 'mend what is safe to mend, and say what was done')
    .option('--json', 'one JSON document with every finding')
    .addHelpText(
      'after',
      `
Mended are modes and owners of our own files, what dead processes left, copies
that do not follow from their certificate, damaged caches, and cron's file.
No key or certificate is changed and no server is reloaded.

Exit status: 0 no faults, 1 faults remain, 3 it could not look.`,
    )
    .allowExcessArguments(false)
    .action(async (flags: import('../../commands/manage/doctor.js').DoctorFlags) => {
      const { doctorCommand } = await import('../../commands/manage/doctor.js');
      process.exitCode = await doctorCommand(flags);
    });
}
