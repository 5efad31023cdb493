#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes the lab's initramfs: busybox, the lab's modules, the project's own binaries with the
# libraries that they need, programs of the tests, and the guest's init.
#
#   tests/lab/initramfs.sh KERNEL_FOLDER BIN_FOLDER OUTPUT [PROGRAM]...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 3 ] || { echo "usage: initramfs.sh KERNEL_FOLDER BIN_FOLDER OUTPUT [PROGRAM]..." >&2; exit 3; }
kernel=$1
bin=$2
output=$3
shift 3

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,sbin,dev,proc,sys,tmp,run,etc,lib,lib64,usr/lib,share}
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in $("$root/bin/busybox" --list); do
	[ "$applet" = busybox ] || ln -sf busybox "$root/bin/$applet"
done

# A binary and every library that its loader will ask for.
add_program() {
	local library
	install -D -m 0755 "$1" "$root/bin/$(basename "$1")"
	while read -r library; do
		[ -e "$root$library" ] || install -D -m 0755 "$library" "$root$library"
	done < <(ldd "$1" | grep -oE '/[^ ]+')
}
for program in fwauditd fwaudit fwsim; do
	add_program "$bin/$program"
done
for program in bpftool setpriv; do
	add_program "$(command -v $program)"
done
for program in "$@"; do
	add_program "$program"
done
# tpm2-tss loads its transports by name.
for transport in /usr/lib/*/libtss2-tcti-device.so*; do
	install -D -m 0755 "$transport" "$root$transport"
done

cp -a "$kernel/lib/modules" "$root/lib/"
install -m 0755 "$here/guest-init.sh" "$root/init"
cp -r "$here/scenarios" "$root/scenarios"
cp "$here/../tools/kernel_answers.txt" "$root/"

(cd "$root" && find . -print0 | cpio --null --create --format=newc --quiet | gzip -1) >"$output.part"
mv "$output.part" "$output"
