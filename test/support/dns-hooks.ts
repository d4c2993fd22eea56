import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DnsHookStyle } from '../../src/runs/ports/settings.js';
import type { Bind } from './bind.js';
import { programPath } from './parts.js';

/** What a hook that edits a zone of BIND is called by in the settings. */
export interface DnsHook {
  readonly style: DnsHookStyle;
  readonly command: readonly string[];
  readonly cleanupCommand?: readonly string[];
}

/** Hooks as people have them for each of the programs, which all end in nsupdate. */
export function dnsHook(bind: Bind, style: DnsHookStyle): DnsHook {
  const [address = '', port = ''] = bind.server.split(':');
  const nsupdate = `update_record() { # operation name value
  printf 'server ${address} ${port}\\nupdate %s %s TXT "%s"\\nsend\\n' "$1" "$2" "$3" | ${programPath('nsupdate')} -k ${bind.keyFile}
}
`;
  const write = (name: string, text: string, mode = 0o755): string => {
    const path = join(bind.folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  const script = (name: string, body: string): readonly string[] => [
    write(name, `#!/bin/sh\n${nsupdate}${body}`),
  ];
  switch (style) {
    case 'autossl':
      return {
        style,
        command: script(
          'autossl-hook',
          'case "$1" in\npresent) update_record add "$2. 1" "$3" ;;\ncleanup) update_record delete "$2." "$3" ;;\n*) exit 64 ;;\nesac\n',
        ),
      };
    case 'lego':
      return {
        style,
        command: script(
          'lego-hook',
          'case "$2" in *.) ;; *) exit 64 ;; esac\ncase "$1" in\npresent) update_record add "$2 1" "$3" ;;\ncleanup) update_record delete "$2" "$3" ;;\n*) exit 64 ;;\nesac\n',
        ),
      };
    case 'dehydrated':
      return {
        style,
        command: script(
          'dehydrated-hook',
          'case "$1" in\ndeploy_challenge) update_record add "_acme-challenge.$2. 1" "$4" ;;\nclean_challenge) update_record delete "_acme-challenge.$2." "$4" ;;\nesac\n',
        ),
      };
    case 'certbot':
      return {
        style,
        command: script(
          'certbot-auth-hook',
          'update_record add "_acme-challenge.$CERTBOT_DOMAIN. 1" "$CERTBOT_VALIDATION" && echo "record of $CERTBOT_DOMAIN, $CERTBOT_REMAINING_CHALLENGES to come"\n',
        ),
        cleanupCommand: script(
          'certbot-cleanup-hook',
          'update_record delete "_acme-challenge.$CERTBOT_DOMAIN." "$CERTBOT_VALIDATION"\necho "$CERTBOT_AUTH_OUTPUT" >> "$(dirname "$0")/certbot-outputs"\n',
        ),
      };
    case 'acme.sh':
      return {
        style,
        // Nobody may execute it: it is read.
        command: [
          write(
            'dns_rig.sh',
            `${nsupdate}dns_rig_add() {\n  update_record add "$1. 1" "$2"\n}\ndns_rig_rm() {\n  update_record delete "$1." "$2"\n}\n`,
            0o600,
          ),
        ],
      };
  }
}
