# SPDX-License-Identifier: Apache-2.0
# fwauditd is there before fwctl is: devices come, are called at once, go, and come back.
. /scenarios/functions
device=/dev/fwctl/fwctl0
get="opcode=0501 payload=ffffffffffffffffffffffffffffffff0000040000"
test ! -e /sys/class/fwctl

# Calls a device the moment that its node is there.
call_first() {
	until fwctl_call $device $get count="$1" 2>/dev/null; do :; done >>/share/first
}

devices_said() {
	[ "$(said 'fwctl[0-9]*: found')" -ge "$1" ] && [ "$(said 'fwctl[0-9]*: gone')" -ge "$2" ]
}

provision
start_collector

call_first 1 &
caller=$!
modprobe -a cxl_test cxl_mem cxl_mock_mem
wait $caller
until_true 60 devices_said 11 0
fwaudit wait $ledger/ledger.db --calls 1 --timeout 60

# They go, and others come under their names, with somebody calling.
rmmod cxl_mock_mem cxl_test
until_true 60 devices_said 11 11
call_first 2 &
caller=$!
modprobe -a cxl_test cxl_mock_mem
wait $caller
until_true 60 devices_said 22 11
fwaudit wait $ledger/ledger.db --calls 3 --timeout 60

# Everything goes, the class included, and comes back.
rmmod cxl_mock_mem cxl_test
until_true 60 devices_said 22 22
for module in cxl_acpi cxl_pmem cxl_mem cxl_port device_dax dax_cxl dax_hmem cxl_mock cxl_core fwctl; do
	! grep -q "^$module " /proc/modules || rmmod $module
done
test ! -e /sys/class/fwctl
call_first 3 &
caller=$!
modprobe -a cxl_test cxl_mem cxl_mock_mem
wait $caller
until_true 60 devices_said 33 22
fwaudit wait $ledger/ledger.db --calls 6 --timeout 60

# Unbound and bound again at once, with a descriptor open across it.
parent=$(basename "$(dirname "$(readlink -f /sys/class/fwctl/fwctl0/device)")")
driver=$(readlink -f /sys/bus/platform/devices/$parent/driver)
fwctl_call $device open=/tmp/opened wait=/tmp/again $get count=4 >/share/across &
caller=$!
until_true 30 test -e /tmp/opened
echo $parent >$driver/unbind
echo $parent >$driver/bind
touch /tmp/again
wait $caller
until_true 60 devices_said 34 23
stop_collector
