#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Wrong usage and bad files: one clear sentence on stderr, status 3, nothing on stdout.
# usage: usage.sh FWAUDIT
set -euo pipefail
fwaudit=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
checks=0

# expect STATUS PATTERN ARGUMENT...: the status, and a line of stderr that matches.
expect() {
	local status=0 wanted=$1 pattern=$2
	shift 2
	checks=$((checks + 1))
	"$fwaudit" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	if [ "$status" -ne "$wanted" ] || ! grep -qE -- "$pattern" "$work/err"; then
		echo "fwaudit $*: status $status instead of $wanted, or no \"$pattern\" in:"
		cat "$work/err"
		failures=$((failures + 1))
	fi
	if [ "$wanted" -eq 3 ] && [ -s "$work/out" ]; then
		echo "fwaudit $*: something on stdout"
		failures=$((failures + 1))
	fi
	if grep -qP '[^\x20-\x7e\n]' "$work/err"; then
		echo "fwaudit $*: raw bytes on stderr"
		failures=$((failures + 1))
	fi
}

# prints PATTERN ARGUMENT...: status 0 and a line of stdout that matches.
prints() {
	local status=0 pattern=$1
	shift
	checks=$((checks + 1))
	"$fwaudit" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	if [ "$status" -ne 0 ] || ! grep -qE -- "$pattern" "$work/out"; then
		echo "fwaudit $*: status $status, or no \"$pattern\" in:"
		cat "$work/out" "$work/err"
		failures=$((failures + 1))
	fi
}

expect 3 'usage: fwaudit SUBCOMMAND'
expect 3 'no subcommand "frobnicate"' frobnicate
expect 3 'no subcommand "x\\x1b\[2J"' $'x\e[2J'
expect 3 'no option "--frobnicate"' verify --frobnicate
expect 3 'name one ledger' verify --enrolment "$work/none"
expect 3 'name one ledger' verify a b --enrolment "$work/none"
expect 3 '--enrolment is missing' verify ledger.db
expect 3 '--enrolment needs an argument' verify ledger.db --enrolment
expect 3 'no format "yaml"' verify ledger.db --enrolment "$work/none" --format yaml
expect 3 'no severity "dire"' verify ledger.db --enrolment "$work/none" --threshold dire
expect 3 'no format "yaml"' log ledger.db --format yaml
expect 3 'name one ledger' log
expect 3 'name one ledger and one record' show ledger.db
expect 3 'not the number of a record' show ledger.db -- -1
expect 3 'not the number of a record' show ledger.db 1x
expect 3 'not the number of a record' show ledger.db 99999999999999999999
expect 3 'not a number of bytes' show ledger.db 1 --bytes few
expect 3 'not a number that --calls' wait ledger.db --calls many
expect 3 'not a number that --timeout' wait ledger.db --timeout 1h
expect 3 'no subcommand "nothing"' help nothing
expect 3 'takes no argument' version now

prints 'verify +is it genuine' help
prints 'usage: fwaudit verify LEDGER --enrolment FILE' help verify
prints 'usage: fwaudit verify LEDGER --enrolment FILE' verify --help
prints 'usage: fwaudit log' log --help
prints 'usage: fwaudit show' show --help
prints 'usage: fwaudit wait' wait --help
prints '^fwaudit [0-9]+\.[0-9]+\.[0-9]+$' version
prints '^fwaudit [0-9]+\.[0-9]+\.[0-9]+$' --version
# Every subcommand of the help is in the completion, and the other way round.
"$fwaudit" help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort >"$work/help"
sed -n 's/.*compgen -W "\(verify [a-z ]*\)".*/\1/p' "$2" | head -n 1 | tr ' ' '\n' | sort >"$work/completion"
diff "$work/help" "$work/completion" || failures=$((failures + 1))

# Files. The enrolment comes first: without it nothing is trusted.
echo '{}' >"$work/enrolment.json"
expect 3 'enrolment cannot be opened: No such file' verify "$work" --enrolment "$work/none"
expect 3 'enrolment is not a file' verify "$work" --enrolment "$work"
head -c 2000000 /dev/zero >"$work/large"
expect 3 'too large for an enrolment' verify "$work" --enrolment "$work/large"
expect 3 'enrolment' verify "$work" --enrolment "$work/enrolment.json"
: >"$work/empty.db"
echo 'no database, but longer than the header of one, which has a hundred bytes; so here are some more of them' >"$work/text.db"
mkdir "$work/folder"
for command in log wait; do
	expect 3 "$work/none.db" "$command" "$work/none.db"
	expect 3 "$work/empty.db" "$command" "$work/empty.db"
	expect 3 "$work/folder" "$command" "$work/folder"
	expect 3 "$work/text.db" "$command" "$work/text.db"
	expect 3 "/dev/null" "$command" /dev/null
done
expect 3 "$work/text.db" show "$work/text.db" 0
expect 3 "$work/none.db" show "$work/none.db" 0

# A full disk is an error, not silence.
status=0
"$fwaudit" help >/dev/full 2>"$work/err" || status=$?
[ "$status" -eq 3 ] && grep -q 'cannot be written' "$work/err" || {
	echo "a full disk: status $status"
	failures=$((failures + 1))
}

echo "$checks checks, $failures failures"
[ "$failures" -eq 0 ] && [ "$checks" -gt 40 ]
