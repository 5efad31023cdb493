#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every source file carries its licence, stays small, and says nothing about unfinished work.
set -euo pipefail
cd "$1"
failures=0
complain() {
	echo "$*"
	failures=$((failures + 1))
}

files=$(find CMakeLists.txt schema collector verifier tools tests .ci -type f \
	\( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name CMakeLists.txt -o -name run \
	-o -name setup -o -name demo \) | sort)
for file in $files; do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' || complain "$file: no SPDX line"
	case "$file" in
	*.[ch] | *.py | *.sh)
		lines=$(wc -l <"$file")
		[ "$lines" -le 620 ] || complain "$file: $lines lines; a room that big is two rooms"
		;;
	esac
done
for file in collector/bpf/*.bpf.c; do
	head -n 3 "$file" | grep -q 'GPL-2.0-only OR Apache-2.0' ||
		complain "$file: BPF programs are GPL-2.0-only OR Apache-2.0"
done
# The brackets keep this line from finding itself.
if grep -rnE 'TO[D]O|FIX[M]E|\bXX[X]\b|not yet implemente[d]' $files; then
	complain "unfinished, by its own words"
fi
[ "$(wc -w <<<"$files")" -gt 60 ] || complain "too few files were found: wrong place"
echo "$(wc -w <<<"$files") files, $failures complaints"
[ "$failures" -eq 0 ]
