import type { ConfigurationAdvice } from './configuration-lines.js';

/** What Dovecot's configuration should say so that sessions outlive a reload. `printed`: `shutdown_clients`, as doveconf prints it. */
export function sessionAdvice(printed: string): readonly ConfigurationAdvice[] {
  if (printed.trim() !== 'yes') return [];
  return [
    {
      because:
        'When Dovecot is reloaded for a certificate it ends sessions that are idle (IDLE too) after ten seconds, and mail programs connect again, unless it is told to let them be.',
      place: 'to dovecot.conf',
      lines: ['shutdown_clients = no'],
    },
  ];
}
