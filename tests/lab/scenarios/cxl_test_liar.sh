# SPDX-License-Identifier: Apache-2.0
# The kernel's own mock CXL device, behind the real fwctl core and the real cxl driver, declares that
# a change of its vendor feature waits for a cold reset, and makes it at once.
ls /dev/fwctl /dev/cxl /dev/tpm*
device=/dev/fwctl/fwctl0
feature=ffffffff-ffff-ffff-ffff-ffffffffffff

fwauditd provision --tpm device:/dev/tpmrm0 --ledger /tmp/ledger
fwauditd --tpm device:/dev/tpmrm0 --ledger /tmp/ledger 2>/tmp/fwauditd.log &
collector=$!
until grep -q 'fwauditd: recording' /tmp/fwauditd.log; do
	kill -0 $collector || { cat /tmp/fwauditd.log; exit 1; }
	sleep 0.1
done
cat /tmp/fwauditd.log

send() {
	calls=$((calls + 1))
	fwsim send $device "$@"
	fwaudit wait /tmp/ledger/ledger.db --calls $calls --timeout 60
}
calls=0
send get-supported-features
send get-feature $feature
send set-feature $feature --data abcdabcd --scope 2
send get-feature $feature

kill $collector
wait $collector
cat /tmp/fwauditd.log
cp /tmp/ledger/ledger.db /tmp/ledger/enrolment.json /share/
