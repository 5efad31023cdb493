#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the lab's kernel: one that has the fwctl core, CXL with features, and the mock CXL
# devices of tools/testing/cxl. Debian's own kernels leave all of that off.
#
#   tests/lab/kernel.sh      builds it unless the cache has it; prints the folder that holds it
#
# Exits with 77 if the machine cannot have the source (no archive, no network).
#
# The folder has bzImage, lib/modules/ (the mock ones under updates/), .config and the name of the source.
# It is cached outside the checkout, by a hash of its configuration and recipe:
# $FWA_LAB_CACHE, or fwaudit-lab in $XDG_CACHE_HOME or ~/.cache.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${FWA_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fwaudit-lab}
# The first suite that has a linux-source with the fwctl core (6.15 or later).
suites=(bookworm-backports trixie trixie-backports)
jobs=$(nproc)
# Part of the cache's key: to be raised whenever what is built below changes.
recipe=1

say() {
	if [ -t 2 ]; then
		printf '%s\n' "$*" >&2
	fi
}
fail() {
	printf 'tests/lab/kernel.sh: %s\n' "$*" >&2
	exit 1
}
# What this machine cannot have: no failure of the lab.
cannot() {
	printf 'tests/lab/kernel.sh: %s\n' "$*" >&2
	exit 77
}

work=''
trap '[ -z "$work" ] || rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A source list for other suites, derived from the machine's own Debian archive: same mirror, same
# keyring. It lives in a temporary folder, never in /etc.
archive() {
	local file line uri=''
	for file in /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -f "$file" ] || continue
		while read -r line; do
			case "$line" in
			URIs:*) uri=${line#URIs:} ;;
			deb\ *) uri=$(grep -oE '[a-z]+://[^ ]+' <<<"$line" | head -n 1) ;;
			*) continue ;;
			esac
			uri=${uri//[[:space:]]/}
			case "${uri%/}" in
			*/debian) echo "$uri" && return 0 ;;
			esac
		done <"$file"
	done
	return 1
}

apt_elsewhere() {
	local command=$1
	shift
	"$command" -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State::lists="$work/lists" -o Dir::Cache="$work/apt" -o APT::Sandbox::User=root "$@"
}

find_source() {
	local mirror suite keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	mirror=$(archive) || cannot "no Debian archive in /etc/apt: a linux-source cannot be fetched"
	mkdir -p "$work/lists/partial" "$work/apt/archives/partial"
	for suite in "${suites[@]}"; do
		echo "deb [signed-by=$keyring] $mirror $suite main"
	done >"$work/sources.list"
	apt_elsewhere apt-get update >"$work/log" 2>&1 || say "some suites could not be read"
	package=$(apt_elsewhere apt-cache search --names-only '^linux-source-[0-9.]+$' |
		awk '{print $1}' | sort -V | tail -n 1)
	[ -n "$package" ] || cannot "no linux-source package in ${suites[*]}"
	version=${package#linux-source-}
	dpkg --compare-versions "$version" ge 6.15 ||
		cannot "the newest linux-source is $version; the fwctl core needs 6.15"
}

build() {
	local tree
	say "Fetching $package"
	(cd "$work" && apt_elsewhere apt-get download "$package" >"$work/log" 2>&1) ||
		cannot "$package could not be fetched: $(tail -n 1 "$work/log")"
	dpkg-deb -x "$work/$package"_*.deb "$work/unpacked"
	tar -C "$work" -xf "$work"/unpacked/usr/src/linux-source-*.tar.xz
	tree=$(echo "$work"/linux-source-*/)
	cd "$tree"
	say "Configuring"
	make allnoconfig KCONFIG_ALLCONFIG="$here/kernel.config" >"$work/log" 2>&1 || fail_log "configuration"
	say "Building (about a quarter of an hour on two cores)"
	make -j"$jobs" bzImage modules >"$work/log" 2>&1 || fail_log "the kernel"
	make -j"$jobs" M=tools/testing/cxl >"$work/log" 2>&1 || fail_log "tools/testing/cxl"
	make INSTALL_MOD_PATH="$work/result" modules_install >"$work/log" 2>&1 || fail_log "modules_install"
	make M=tools/testing/cxl INSTALL_MOD_PATH="$work/result" modules_install >"$work/log" 2>&1 ||
		fail_log "modules_install of tools/testing/cxl"
	cp arch/x86/boot/bzImage .config "$work/result/"
	rm -f "$work"/result/lib/modules/*/{build,source}
	echo "$package" >"$work/result/source"
}

fail_log() {
	tail -n 30 "$work/log" >&2
	fail "building $1 failed; its end is above"
}

key=$({ echo "recipe $recipe"; cat "$here/kernel.config"; } | sha256sum | cut -c1-16)
result=$cache/kernel-$key
mkdir -p "$cache"
# One build at a time; whoever waited finds it done.
exec 9>"$cache/lock"
flock 9
if [ ! -f "$result/bzImage" ]; then
	work=$(mktemp -d "$cache/build.XXXXXX")
	find_source
	build
	rm -rf "$result"
	mv "$work/result" "$result"
fi
echo "$result"
