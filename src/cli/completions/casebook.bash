# bash completion for casebook
# Options and commands as in `casebook help`; a test compares the two.

_casebook()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command="" word i
    local commands="nightly quarterly root-cause all check map presets explain version help"
    local options="--cases --reviews --customers --preset --config --as-of --period --out --format --set --threads
        --max-rejects --pseudonymise --full --progress --quiet --verbose --version --help"
    local files=""
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
            --cases|--reviews|--customers) files=yes ;;
            -*) files="" ;;
            *) [[ -z $command ]] && command=$word ;;
        esac
    done
    case $prev in
        --config) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
        --out) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
        --format) mapfile -t COMPREPLY < <(compgen -W "xlsx json xlsx,json table" -- "$cur"); return ;;
        --progress) mapfile -t COMPREPLY < <(compgen -W "auto always never" -- "$cur"); return ;;
        --preset)
            mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" presets 2>/dev/null | sed -n 's/^\([a-z0-9-]*\) (.*/\1/p')" -- "$cur")
            return ;;
        --as-of|--period|--set|--threads|--max-rejects) return ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    elif [[ -n $files || $command == map ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    elif [[ -z $command || $command == help ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
    fi
}
complete -o filenames -F _casebook casebook
