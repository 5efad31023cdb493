#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tools -> verifier -> schema <- collector, and no other way: every #include "..." of the tree is
# resolved and compared with the edges that are allowed.
set -euo pipefail
cd "$1"

allowed() {
	case "$1 $2" in
	"schema schema" | "collector schema" | "collector collector") return 0 ;;
	"verifier schema" | "verifier verifier") return 0 ;;
	"tools schema" | "tools verifier" | "tools tools") return 0 ;;
	esac
	return 1
}

failures=0
files=0
edges=0
while IFS= read -r file; do
	files=$((files + 1))
	from=${file%%/*}
	while IFS= read -r header; do
		[ -n "$header" ] || continue
		edges=$((edges + 1))
		case "$header" in
		*.skel.h)
			# Generated from a BPF program of the same folder.
			[ "$from" = collector ] && continue
			;;
		esac
		if [ ! -f "$header" ]; then
			echo "$file: \"$header\" is not named from the project's root"
			failures=$((failures + 1))
			continue
		fi
		if ! allowed "$from" "${header%%/*}"; then
			echo "$file: $from may not include $header"
			failures=$((failures + 1))
		fi
	done < <(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file")
done < <(find schema collector verifier tools -name '*.[ch]' | sort)

# fwsim imitates a device: it must not know how it is judged.
if grep -rlE '#include "(verifier|collector)/' tools/fwsim; then
	echo "tools/fwsim may include only schema/ and its own headers"
	failures=$((failures + 1))
fi

# The schema is pure: no file, clock, environment or log.
if grep -nE '\b(fopen|open|openat|getenv|clock_gettime|time|printf|fprintf|syslog|sd_journal_print)\(' \
	schema/*.c | grep -vE '(snprintf|vsnprintf)\('; then
	echo "schema/ touches the world outside its buffers"
	failures=$((failures + 1))
fi

[ "$files" -gt 40 ] && [ "$edges" -gt 100 ] || {
	echo "only $files files and $edges includes were found: this check looks in the wrong place"
	failures=$((failures + 1))
}
echo "$files files, $edges includes, $failures violations"
[ "$failures" -eq 0 ]
