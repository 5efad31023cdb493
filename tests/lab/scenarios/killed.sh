# SPDX-License-Identifier: Apache-2.0
# fwauditd is killed under load, and started again, on the machine's own TPM.
. /scenarios/functions
device=/dev/fwctl/fwctl3
get="opcode=0501 payload=ffffffffffffffffffffffffffffffff0000040000"

provision
start_collector
fwctl_call $device count=40 $get
fwaudit wait $ledger/ledger.db --calls 40 --timeout 60
while [ ! -e /tmp/enough ]; do
	fwctl_call $device count=50 $get
done >/share/meanwhile &
caller=$!
until_true 30 fwaudit wait $ledger/ledger.db --calls 60 --timeout 30
kill -9 $collector
wait $collector || true
fwctl_call $device $get
touch /tmp/enough
wait $caller
fwaudit verify $ledger/ledger.db --enrolment $ledger/enrolment.json --format json >/share/after-kill.json ||
	echo $? >/share/after-kill.status

start_collector
fwctl_call $device count=30 $get
stop_collector
