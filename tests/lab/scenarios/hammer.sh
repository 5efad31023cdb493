# SPDX-License-Identifier: Apache-2.0
# Sixteen processes over all devices, as fast as they can, for about ten seconds.
. /scenarios/functions
read=0000040000
processes=16
each=100

provision
start_collector
set -- /dev/fwctl/fwctl*
sent=0
end=$(($(cut -d. -f1 /proc/uptime) + 10))
while [ "$(cut -d. -f1 /proc/uptime)" -lt $end ]; do
	callers=''
	for process in $(seq $processes); do
		device=$1
		shift
		set -- "$@" "$device"
		fwctl_call "$device" count=$each opcode=0501 \
			payload=ffffffffffffffffffffffffffffffff$read >>/share/answers.$process &
		callers="$callers $!"
	done
	wait $callers
	sent=$((sent + processes * each))
done
echo $sent >/share/sent
# If some are lost they never come; the check says so.
fwaudit wait $ledger/ledger.db --calls $sent --timeout 20 || true
stop_collector
