import { plainPath } from './plain-path.js';

/** As in the names themselves. */
const LONGEST_NAME = 253;

/**
 * The program that `pure-certd` runs as root for each connection, with what the client asked for in `CERTD_SNI_NAME`: prints
 * the file of the exact name, else of the wildcard above it, else that the default is to be used. Whatever is no host name
 * is never made part of a path. @throws ConfigurationError UNSAFE_FILE
 */
export function certdScript(folder: string): string {
  return `#!/bin/sh
# Written by AutoSSL for pure-certd: whatever is changed here is lost.
PATH=/usr/bin:/bin
LC_ALL=C
export PATH LC_ALL
folder=${plainPath(folder)}
name=\${CERTD_SNI_NAME:-}
file=
case $name in
  '' | *[!A-Za-z0-9.-]* | .* | -* | *..*) name= ;;
  *[A-Z]*) [ "\${#name}" -le ${LONGEST_NAME + 1} ] && name=$(printf %s "$name" | tr A-Z a-z) ;;
esac
name=\${name%.}
if [ "\${#name}" -le ${LONGEST_NAME} ]; then
  case $name in
    ?*.?*)
      if [ -f "$folder/$name" ]; then
        file=$folder/$name
      elif [ -f "$folder/_wildcard_.\${name#*.}" ]; then
        file=$folder/_wildcard_.\${name#*.}
      fi
      ;;
  esac
fi
if [ -n "$file" ]; then
  printf 'action:fallback\\ncert_file:%s\\nend\\n' "$file"
else
  printf 'action:default\\nend\\n'
fi
`;
}
