# SPDX-License-Identifier: Apache-2.0
# bash completion for fwaudit(1): source it, or install it as
# /usr/share/bash-completion/completions/fwaudit.

_fwaudit() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "verify log show wait help version" -- "$word")
		return
	fi
	case $before in
	--format)
		mapfile -t COMPREPLY < <(compgen -W "text json" -- "$word")
		return
		;;
	--threshold)
		mapfile -t COMPREPLY < <(compgen -W "info low medium high critical" -- "$word")
		return
		;;
	--calls | --timeout)
		return
		;;
	--bytes)
		mapfile -t COMPREPLY < <(compgen -W "all" -- "$word")
		return
		;;
	esac
	if [[ $word == -* ]]; then
		case ${COMP_WORDS[1]} in
		verify) mapfile -t COMPREPLY < <(compgen -W "--enrolment --format --threshold --help" -- "$word") ;;
		log) mapfile -t COMPREPLY < <(compgen -W "--enrolment --format --all --help" -- "$word") ;;
		show) mapfile -t COMPREPLY < <(compgen -W "--bytes --help" -- "$word") ;;
		wait) mapfile -t COMPREPLY < <(compgen -W "--calls --timeout --help" -- "$word") ;;
		esac
		return
	fi
	if [ "${COMP_WORDS[1]}" = help ]; then
		mapfile -t COMPREPLY < <(compgen -W "verify log show wait help version" -- "$word")
		return
	fi
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$word")
}
complete -F _fwaudit fwaudit
