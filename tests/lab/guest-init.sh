#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Process 1 of the lab's guest: mounts, modules, one scenario, its exit status, power off.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t tracefs tracefs /sys/kernel/tracing
mkdir -p /dev/pts /sys/fs/cgroup
mount -t devpts devpts /dev/pts
mount -t cgroup2 cgroup2 /sys/fs/cgroup
export PATH=/bin:/sbin HOME=/tmp

scenario=$(sed -n 's/.*fwlab\.scenario=\([a-z0-9_]*\).*/\1/p' /proc/cmdline)
modprobe 9pnet_virtio 2>/dev/null
mount -t 9p -o trans=virtio,version=9p2000.L,msize=131072 share /share || {
	echo "lab: the host's folder cannot be mounted"
	poweroff -f
}
echo "lab: $scenario" >/dev/kmsg
# These are about a machine that has no fwctl yet.
case "$scenario" in
late_device | stock) ;;
*) modprobe -a cxl_test cxl_mem cxl_mock_mem ;;
esac
# The console shows what happens; the folder keeps it.
sh -eu "/scenarios/$scenario.sh" >/share/output 2>&1
echo $? >/share/status
dmesg >/share/kernel-log
cat /share/output
sync
poweroff -f
