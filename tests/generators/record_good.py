# SPDX-License-Identifier: Apache-2.0
"""Records that have to be accepted, one or more of every kind."""
from record_format import encode, nested_pairs, sha256, state_digest

UUID = bytes.fromhex("3f6c1a52e7b04d0d9a41c35d0be2f817")
BOOT_ID = bytes.fromhex("b1d0a7e25c884f21b6f3900d1c2e4a75")
ENROLMENT = sha256(b"an enrolment file")
NOTE = sha256(b"a checkpoint note")
SALT = bytes(range(16))
TIME = 1753772400123456789
U32 = (1 << 32) - 1
U64 = (1 << 64) - 1

CONFIGURATION = {
    "capture": b"tracepoint",
    "observe": b"all",
    "observe_interval": 30_000_000_000,
    "ring_size": 64 << 20,
    "checkpoint_records": 65536,
    "checkpoint_interval": 300_000_000_000,
    "on_loss": b"record",
}
CALLER = {
    "pid": 4242,
    "tid": 4243,
    "start_time": 81_000_000_000,
    "uid": 1000,
    "gid": 1000,
    "euid": 0,
    "egid": 1000,
    "loginuid": U32,
    "session_id": U32,
    "comm": b"cxl-config",
    "exe_path": b"/usr/bin/cxl-config",
    "exe_device": 254 << 32 | 1,
    "exe_inode": 131075,
    "cgroup_id": 5171,
    "cgroup_path": b"/user.slice/user-1000.slice",
    "mount_namespace": 4026531841,
    "pid_namespace": 4026531836,
    "namespace_pid": 4242,
    "effective_capabilities": 1 << 17,
    "parent_pid": 4100,
    "parent_start_time": 80_000_000_000,
    "parent_comm": b"bash",
    "flags": 0,
}
OPEN = {
    "key": 0xFFFF888103A5C200,
    "descriptor": 3,
    "flags": 0o100002,
    "opener_uid": 1000,
    "opener_gid": 1000,
}
NOTHING_SENT = {"length": 0, "captured": 0, "source": 1, "moment": 0}


def record(kind, sequence, **fields):
    return {
        "kind": kind,
        "sequence": sequence,
        "time": TIME,
        "boot_time": 82_123_456_789,
        **fields,
    }


def payload(data, moment, length=None):
    length = len(data) if length is None else length
    ref = {"length": length, "captured": len(data), "moment": moment}
    ref["source"] = 1 if length == len(data) else 2 if data else 3
    if data:
        ref["digest"] = sha256(SALT + data)
    return ref


def item(key, value=None, error=0, effects=0x2, is_volatile=False):
    fields = {"key": key, "effects": effects, "is_volatile": is_volatile}
    fields.update(status=0 if value is not None else 1, error=error, length=0)
    if value is not None:
        fields.update(length=len(value), digest=sha256(value))
        if len(value) <= 256:
            fields["value"] = value
    return fields


def changed(now, before):
    fields = {**now, "previous_status": before["status"]}
    for name in ("digest", "value"):
        if name in before:
            fields["previous_" + name] = before[name]
    return fields


def gone(before):
    fields = {"key": before["key"], "effects": before["effects"]}
    fields.update(is_volatile=before["is_volatile"], status=2, error=0, length=0)
    return changed(fields, before)


FEATURE = b"cxl.feature.11111111-2222-3333-4444-555555555555."
STATE = [
    item(FEATURE + b"current", bytes.fromhex("deadbeef"), effects=0xA),
    item(FEATURE + b"entry", bytes(48), effects=0x400),
    item(FEATURE + b"saved", error=-22, effects=0x181),
    item(b"cxl.health", bytes(18), effects=0x10, is_volatile=True),
    item(b"cxl.lsa", bytes(range(256)) * 2, effects=0x4),
]
STATE_AFTER = [
    item(FEATURE + b"current", bytes.fromhex("0000002a"), effects=0xA),
    item(FEATURE + b"saved", bytes.fromhex("0000002a"), effects=0x181),
    item(b"cxl.health", b"", effects=0x10, is_volatile=True),
    item(b"cxl.identify", bytes(67)),
    item(b"cxl.lsa", error=-110, effects=0x4),
]
CHANGES = [
    changed(STATE_AFTER[0], STATE[0]),
    gone(STATE[1]),
    changed(STATE_AFTER[1], STATE[2]),
    changed(STATE_AFTER[2], STATE[3]),
    STATE_AFTER[3],
    changed(STATE_AFTER[4], STATE[4]),
]
REQUEST = bytes.fromhex("020500000000000024000000000000000102030405060708")
RESPONSE = bytes.fromhex("0000000000000000")
STRUCTURE = bytes.fromhex(
    "20000000" "03000000" "18000000" "08000000" "00e0ffffff7f0000" "00f0ffffff7f0000"
)
RPC = record(
    3,
    7,
    transport=0,
    device=2,
    command=0x9A01,
    structure_entry=STRUCTURE,
    structure_exit=STRUCTURE,
    structure_source=1,
    result=0,
    entered=82_000_000_000,
    returned=82_000_031_000,
    caller=CALLER,
    open=OPEN,
    request=payload(REQUEST, 0),
    response=payload(RESPONSE, 1),
    own=False,
    layers=1,
    cpu=1,
    number=1,
)


def without(fields, *names):
    return {name: value for name, value in fields.items() if name not in names}


def records():
    """(name, what it shows, fields)"""
    yield "genesis", "the first record of a ledger", record(
        0,
        0,
        ledger_uuid=UUID,
        format_version=1,
        collector_version=b"0.1.0",
        enrolment_digest=ENROLMENT,
    )
    yield "boot", "a start of the collector", record(
        1,
        1,
        boot_id=BOOT_ID,
        kernel_release=b"6.1.0-37-amd64",
        machine=b"x86_64",
        collector_version=b"0.1.0",
        configuration=CONFIGURATION,
        pid=812,
        kernel_taint=1 << 19,
        coverage=b"Tracepoints see every call; trampolines are not in use.",
    )
    device = record(
        2,
        2,
        name=b"fwctl0",
        path=b"/dev/fwctl/fwctl0",
        state=0,
        simulated=False,
        file_device=511 << 32,
        file_inode=0,
        device_type=2,
        info=bytes(4),
        driver=b"cxl_mem",
        sysfs_path=b"/sys/devices/pci0000:34/0000:34:00.0/0000:35:00.0/mem0",
        bus_address=b"0000:35:00.0",
        vendor_id=0x8086,
        device_id=0x0D93,
        firmware_version=b"BWFW VERSION 00",
        serial=b"0x1f",
        mailbox_path=b"/dev/cxl/mem0",
    )
    yield "device", "a device with everything that can be known of it", device
    yield "device-bare", "a simulated device of which nothing is known", without(
        {**device, "sequence": 3, "simulated": True, "file_device": 42, "file_inode": 2},
        *"device_type info driver sysfs_path bus_address vendor_id device_id"
        " firmware_version serial mailbox_path".split(),
    )
    yield "device-gone", "a device that went away; empty strings are not absent ones", {
        **device,
        "sequence": 90,
        "state": 1,
        "info": b"",
        "serial": b"",
    }
    yield "rpc", "a call with its request and its response", RPC
    yield "rpc-unreturned", "a call that had not returned when the collector stopped", {
        **without(RPC, "device", "structure_exit", "result", "returned", "open"),
        "sequence": 8,
        "response": payload(b"", 1, 8),
    }
    yield "rpc-refused", "a call that the kernel refused, without payloads", {
        **RPC,
        "sequence": 9,
        "result": -1,
        "request": NOTHING_SENT,
        "response": {**NOTHING_SENT, "moment": 1},
        "own": True,
        "layers": 3,
        "number": 2,
    }
    yield "rpc-truncated", "a call whose payloads were captured in part or not at all", {
        **without(RPC, "structure_entry", "structure_exit"),
        "sequence": 10,
        "structure_source": 3,
        "request": payload(REQUEST, 0, 2 << 20),
        "response": payload(b"", 1, U32),
        "caller": {
            **without(CALLER, "exe_path", "cgroup_path", "parent_comm"),
            "comm": b"\xff\x00not text",
            "flags": 3,
        },
    }
    yield "rpc-structure-at-exit", "a call whose structure was readable at exit only", {
        **without(RPC, "structure_entry"),
        "sequence": 11,
        "structure_source": 2,
    }
    yield "rpc-extremes", "every integer at a border of its encoding", {
        **RPC,
        "sequence": 23,
        "time": 24,
        "boot_time": 255,
        "device": 256,
        "command": 65535,
        "result": -(1 << 63),
        "entered": 65536,
        "returned": U64,
        "caller": {**CALLER, "pid": 0, "tid": U32, "start_time": 1 << 32},
        "cpu": U32,
        "number": U64,
    }
    cel = bytes.fromhex("0105" "0000" "0205" "0102")
    yield "declaration-cel", "a Command Effects Log", record(
        4,
        4,
        device=2,
        source=0,
        error=0,
        digest=sha256(cel),
        content=cel,
        firmware_version=b"BWFW VERSION 00",
    )
    yield "declaration-features", "feature entries in place of earlier ones", record(
        4,
        50,
        device=2,
        source=1,
        error=0,
        digest=sha256(bytes(48)),
        content=bytes(48),
        supersedes=5,
    )
    yield "declaration-unreadable", "a declaration that could not be read", record(
        4, 51, device=2, source=0, error=-110
    )
    yield "snapshot-baseline", "the whole state of a device", record(
        5,
        6,
        device=2,
        number=1,
        reason=0,
        started=82_000_000_000,
        ended=82_000_900_000,
        in_flight=0,
        item_count=len(STATE),
        unreadable_count=1,
        state_digest=state_digest(STATE),
        items=STATE,
    )
    yield "snapshot-changes", "values that changed, came, went, became unreadable", record(
        5,
        12,
        device=2,
        number=2,
        previous=6,
        reason=1,
        started=83_000_000_000,
        ended=83_000_900_000,
        in_flight=2,
        item_count=len(STATE_AFTER),
        unreadable_count=1,
        state_digest=state_digest(STATE_AFTER),
        items=CHANGES,
    )
    yield "snapshot-unchanged", "a look at the device that found nothing new", record(
        5,
        13,
        device=2,
        number=3,
        previous=12,
        reason=2,
        started=84_000_000_000,
        ended=84_000_000_000,
        in_flight=0,
        item_count=len(STATE_AFTER),
        unreadable_count=1,
        state_digest=state_digest(STATE_AFTER),
        items=[],
    )
    reset = record(
        6,
        14,
        type=0,
        device=2,
        reset_type=1,
        not_before=84_000_000_000,
        not_after=85_000_000_000,
        detail=b"The reset count rose from 0 to 1.",
    )
    yield "kernel-event-reset", "a reset of a device", reset
    yield "kernel-event-taint", "the kernel became tainted", {
        **without(reset, "device", "reset_type", "detail"),
        "sequence": 15,
        "type": 1,
    }
    gap = record(
        7,
        16,
        cpu=1,
        first_number=3,
        count=7,
        after=9,
        not_before=82_000_000_000,
        not_after=82_500_000_000,
        reason=b"The ring buffer was full.",
    )
    yield "gap", "calls that were lost", gap
    yield "gap-largest", "a gap up to the largest number that there is", {
        **without(gap, "after"),
        "first_number": 1,
        "count": U64,
    }
    checkpoint = record(
        8,
        5,
        number=1,
        reason=0,
        run=1,
        boot_id=BOOT_ID,
        issued=0,
        recorded=0,
        lost=0,
        in_flight=0,
        truncated=0,
        configuration_digest=sha256(encode(nested_pairs("configuration", CONFIGURATION))),
        enrolment_digest=ENROLMENT,
    )
    yield "checkpoint-first", "the first checkpoint of a ledger", checkpoint
    yield "checkpoint", "a later checkpoint, with losses", {
        **checkpoint,
        "sequence": 17,
        "number": 2,
        "previous_note_digest": NOTE,
        "reason": 3,
        "issued": 11,
        "recorded": 4,
        "lost": 7,
        "truncated": 8,
    }
    yield "shutdown", "a clean stop of the collector", record(
        9, 18, reason=b"Stopped by SIGTERM.", issued=11, recorded=4, lost=7
    )
