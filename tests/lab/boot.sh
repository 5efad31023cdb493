#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Boots the lab's kernel in QEMU with a TPM, runs one scenario inside, brings its files back.
#
#   tests/lab/boot.sh KERNEL_FOLDER INITRAMFS SCENARIO FOLDER
#
# FOLDER (made anew) gets what the scenario left in /share, its output, its exit status, the kernel
# log and the console. Exits with the scenario's status, or 2 when the guest never got there.
set -euo pipefail
[ $# -eq 4 ] || { echo "usage: boot.sh KERNEL_FOLDER INITRAMFS SCENARIO FOLDER" >&2; exit 3; }
kernel=$1
initramfs=$2
scenario=$3
folder=$4
seconds=${FWA_LAB_TIMEOUT:-300}

rm -rf "$folder"
mkdir -p "$folder"
work=$(mktemp -d /tmp/fwaudit-lab.XXXXXX)
tpm=''
clean_up() {
	[ -z "$tpm" ] || kill "$tpm" 2>/dev/null || true
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$work/tpm"
swtpm socket --tpm2 --tpmstate dir="$work/tpm" --ctrl type=unixio,path="$work/tpm.ctrl" \
	--flags startup-clear >"$work/swtpm.log" 2>&1 &
tpm=$!
for ((tries = 0; tries < 500; tries++)); do
	[ ! -S "$work/tpm.ctrl" ] || break
	sleep 0.02
done

# Two NUMA nodes: cxl_test puts devices on node 1. TCG: KVM can exist and hang.
timeout "$seconds" qemu-system-x86_64 \
	-M q35 -cpu max -accel tcg,thread=multi -m 2G -smp 2 -display none -no-reboot -nodefaults \
	-object memory-backend-ram,id=m0,size=1G -numa node,nodeid=0,cpus=0,memdev=m0 \
	-object memory-backend-ram,id=m1,size=1G -numa node,nodeid=1,cpus=1,memdev=m1 \
	-chardev socket,id=tpm,path="$work/tpm.ctrl" -tpmdev emulator,id=tpm0,chardev=tpm \
	-device tpm-tis,tpmdev=tpm0 \
	-virtfs local,path="$folder",mount_tag=share,security_model=none \
	-kernel "$kernel/bzImage" -initrd "$initramfs" \
	-append "console=ttyS0 panic=-1 quiet fwlab.scenario=$scenario" \
	-serial "file:$folder/console" -monitor none </dev/null || true

if [ ! -f "$folder/status" ]; then
	echo "the guest did not finish $scenario within $seconds seconds; its console: $folder/console" >&2
	tail -n 30 "$folder/console" >&2
	exit 2
fi
exit "$(cat "$folder/status")"
