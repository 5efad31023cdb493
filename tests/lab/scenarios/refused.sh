# SPDX-License-Identifier: Apache-2.0
# Every call that the fwctl core or the cxl driver refuses, and those that they let through beside
# them; then one that fails after the device has executed it.
. /scenarios/functions
device=/dev/fwctl/fwctl1
# Not busybox's own, which its shell prefers.
unprivileged="/bin/setpriv --bounding-set=-sys_rawio --inh-caps=-sys_rawio"

provision
start_collector

tab=$(printf '\t')
while IFS=$tab read -r name answer caller arguments; do
	case "$name" in '#'* | '') continue ;; esac
	run=''
	[ "$caller" = rawio ] || run=$unprivileged
	echo "$name$tab$($run fwctl_call $device $arguments)" >>/share/answers
done </kernel_answers.txt
# Of ioctls those that are no RPC are recorded, but are no commands.
calls=$(grep -v '^#' /kernel_answers.txt | grep -v command= | grep -c "$tab")
fwaudit wait $ledger/ledger.db --calls "$calls" --timeout 60

# The answer cannot be delivered, so the ioctl fails: but the device has changed.
value=00000000000001000000000000000000abcdabcd
fwctl_call $device scope=2 out=8 opcode=0502 payload=ffffffffffffffffffffffffffffffff$value >/share/undelivered
fwaudit wait $ledger/ledger.db --calls $((calls + 1)) --timeout 60
fwsim send $device get-feature $feature --length 4 >/share/changed
fwaudit wait $ledger/ledger.db --calls $((calls + 2)) --timeout 60

# The device goes while its descriptor is open.
device=/dev/fwctl/fwctl2
memdev=$(readlink -f /sys/class/fwctl/fwctl2/device)
parent=$(basename "$(dirname "$memdev")")
fwctl_call $device open=/tmp/opened wait=/tmp/gone scope=2 opcode=0502 \
	payload=ffffffffffffffffffffffffffffffff$value >/share/unbound &
caller=$!
until_true 30 test -e /tmp/opened
echo "$parent" >/sys/bus/platform/devices/"$parent"/driver/unbind
until_true 30 test ! -e $device
touch /tmp/gone
wait $caller
until_true 30 grep -q "$device: gone" $log
fwaudit wait $ledger/ledger.db --calls $((calls + 3)) --timeout 60
stop_collector
fwaudit log $ledger --format json >/share/log.json
