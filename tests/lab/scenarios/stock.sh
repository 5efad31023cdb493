# SPDX-License-Identifier: Apache-2.0
# A machine without the fwctl class, and without a mount of tracefs.
. /scenarios/functions
test ! -e /sys/class/fwctl
umount /sys/kernel/tracing
test ! -e /sys/kernel/tracing/events

provision
start_collector
cp $log /share/waiting
! grep -q tracefs /proc/mounts
sleep 2 # it is to wait, and to say no more
cmp $log /share/waiting
kill -0 $collector
stop_collector
test ! -e /sys/class/fwctl
