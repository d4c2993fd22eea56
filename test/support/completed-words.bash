# What the completion script $1 offers for the last of the words that follow, a line each.
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_autossl_complete "$1"
printf '%s\n' "${COMPREPLY[@]}"
