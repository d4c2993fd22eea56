import type { CommandWords, WordChoice } from './command-words.js';
import type { Shell } from './shells.js';

/** The program that tells accounts and names to the scripts. */
const TELLER = 'autossl complete-words';

/**
 * A script that completes the words of our programs. What is completed comes from lists in the script, accounts and names
 * from a command of ours; no word is ever evaluated: names belong to customers.
 */
export function completionScript(shell: Shell, commands: readonly CommandWords[]): string {
  const programs = commands.filter(({ path }) => !path.includes(' ')).map(({ path }) => path);
  const tables = [
    table(
      '_autossl_words',
      shell,
      commands.map(({ path, subcommands, options }) => [path, [...subcommands, ...options]]),
    ),
    table(
      '_autossl_options',
      shell,
      commands.map(({ path, options }) => [path, options]),
    ),
    table(
      '_autossl_kinds',
      shell,
      commands.map((command) => [command.path, command.arguments.map(textOf)]),
    ),
    table(
      '_autossl_values',
      shell,
      commands.flatMap(({ path, values }) =>
        [...values].map(([option, choice]) => [`${path} ${option}`, [textOf(choice)]] as const),
      ),
    ),
  ];
  const script = shell === 'bash' ? bashScript(programs) : zshScript(programs);
  return script.replace('@TABLES@', () => tables.join('\n'));
}

/** `accounts`, `other=json,yaml`: the kind, then the words of a closed list. */
function textOf({ kind, words }: WordChoice): string {
  return words.length === 0 ? kind : `${kind}=${words.join(',')}`;
}

type Row = readonly [key: string, words: readonly string[]];

function table(name: string, shell: Shell, rows: readonly Row[]): string {
  const declared = shell === 'bash' ? 'declare -gA' : 'typeset -gA';
  const entry = ([key, words]: Row): string =>
    shell === 'bash'
      ? `  [${shellWord(key)}]=${shellWord(words.join(' '))}`
      : `  ${shellWord(key)} ${shellWord(words.join(' '))}`;
  const filled = rows.filter(([, words]) => words.length > 0);
  return `${declared} ${name}\n${name}=(\n${filled.map(entry).join('\n')}\n)`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function bashScript(programs: readonly string[]): string {
  return `# Completion for bash, printed by "autossl completion bash".
@TABLES@
_autossl_complete() {
  local path="\${1##*/}" current="\${COMP_WORDS[COMP_CWORD]}" previous="" place=0 word i kind
  local -a kinds candidates=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ -n "\${_autossl_words["$path $word"]-}" ]]; then
      path="$path $word" place=0 previous=""
    elif [[ -n "$previous" ]]; then
      previous=""
    elif [[ "$word" == -* ]]; then
      [[ -n "\${_autossl_values["$path $word"]-}" ]] && previous="$word"
    else
      place=$((place + 1))
    fi
  done
  if [[ -n "$previous" ]]; then
    kind="\${_autossl_values["$path $previous"]}"
  else
    if ((place == 0)); then
      read -ra candidates <<<"\${_autossl_words["$path"]-}"
    else
      read -ra candidates <<<"\${_autossl_options["$path"]-}"
    fi
    read -ra kinds <<<"\${_autossl_kinds["$path"]-}"
    ((place >= \${#kinds[@]})) && place=$((\${#kinds[@]} - 1))
    kind=other
    ((place >= 0)) && kind="\${kinds[place]}"
  fi
  if [[ "$kind" == *=* && "$current" != -* ]]; then
    local -a closed=()
    IFS=, read -ra closed <<<"\${kind#*=}"
    candidates+=("\${closed[@]}")
    kind="\${kind%%=*}"
  fi
  if [[ "$kind" != other && "$current" != -* ]]; then
    local -a told=()
    mapfile -t told < <(${TELLER} "$kind" "$current" 2>/dev/null)
    candidates+=("\${told[@]}")
  fi
  COMPREPLY=()
  for word in "\${candidates[@]}"; do
    if [[ "$word" == "$current"* ]]; then
      printf -v word %q "$word"
      COMPREPLY+=("$word")
    fi
  done
}
complete -o default -F _autossl_complete ${programs.join(' ')}
`;
}

function zshScript(programs: readonly string[]): string {
  return `#compdef ${programs.join(' ')}
# Completion for zsh, printed by "autossl completion zsh".
@TABLES@
_autossl() {
  local at="\${words[1]:t}" current="\${words[CURRENT]}" previous="" kind key word
  local -i place=0 i
  local -a kinds candidates told
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}" key="$at $word"
    if [[ -n "\${_autossl_words[$key]}" ]]; then
      at="$key" place=0 previous=""
    elif [[ -n "$previous" ]]; then
      previous=""
    elif [[ "$word" == -* ]]; then
      [[ -n "\${_autossl_values[$key]}" ]] && previous="$word"
    else
      place=$((place + 1))
    fi
  done
  if [[ -n "$previous" ]]; then
    key="$at $previous"
    kind="\${_autossl_values[$key]}"
  else
    if ((place == 0)); then
      candidates=(\${(s: :)_autossl_words[$at]})
    else
      candidates=(\${(s: :)_autossl_options[$at]})
    fi
    kinds=(\${(s: :)_autossl_kinds[$at]})
    ((place >= \${#kinds})) && place=$((\${#kinds} - 1))
    kind=other
    ((place >= 0)) && kind="\${kinds[place + 1]}"
  fi
  if [[ "$kind" == *=* && "$current" != -* ]]; then
    candidates+=(\${(s:,:)\${kind#*=}})
    kind="\${kind%%=*}"
  fi
  if [[ "$kind" != other && "$current" != -* ]]; then
    told=(\${(f)"$(${TELLER} "$kind" "$current" 2>/dev/null)"})
    candidates+=($told)
  fi
  compadd -- $candidates || _files
}
if [[ "\${funcstack[1]}" == _autossl ]]; then _autossl "$@"; else compdef _autossl ${programs.join(' ')}; fi
`;
}
