# SPDX-License-Identifier: Apache-2.0
"""The record format once more, written from SPEC.md without the C code.

Encodes what it is told, right or wrong: nothing here checks anything.
"""
import hashlib

KINDS = {
    "genesis": 0,
    "boot": 1,
    "device": 2,
    "rpc": 3,
    "declaration": 4,
    "snapshot": 5,
    "kernel_event": 6,
    "gap": 7,
    "checkpoint": 8,
    "shutdown": 9,
}

COMMON = ["kind", "sequence", "time", "boot_time"]

# Fields in the order of their keys. Keys count from 16 in a kind, from 0 in a nested map.
FIELDS = {
    "genesis": "ledger_uuid format_version collector_version enrolment_digest",
    "boot": "boot_id kernel_release machine collector_version configuration pid"
    " kernel_taint coverage",
    "device": "name path state simulated file_device file_inode device_type info driver"
    " sysfs_path bus_address vendor_id device_id firmware_version serial mailbox_path",
    "rpc": "transport device command structure_entry structure_exit structure_source"
    " result entered returned caller open request response own layers cpu number",
    "declaration": "device source error digest content firmware_version supersedes",
    "snapshot": "device number previous reason started ended in_flight item_count"
    " unreadable_count state_digest items",
    "kernel_event": "type device reset_type not_before not_after detail",
    "gap": "cpu first_number count after not_before not_after reason",
    "checkpoint": "number previous_note_digest reason run boot_id issued recorded lost"
    " in_flight truncated configuration_digest enrolment_digest",
    "shutdown": "reason issued recorded lost",
}
NESTED = {
    "configuration": "capture observe observe_interval ring_size checkpoint_records"
    " checkpoint_interval on_loss",
    "caller": "pid tid start_time uid gid euid egid loginuid session_id comm exe_path"
    " exe_device exe_inode cgroup_id cgroup_path mount_namespace pid_namespace"
    " namespace_pid effective_capabilities parent_pid parent_start_time parent_comm"
    " flags",
    "open": "key descriptor flags opener_uid opener_gid",
    "request": "length captured source moment digest",
    "response": "length captured source moment digest",
    "items": "key effects is_volatile status error length digest value previous_status"
    " previous_digest previous_value",
}


class Raw(bytes):
    """Bytes that are put into an encoding as they are."""


class Pairs(list):
    """A map as (key, value) pairs, in the order in which they are written."""


def head(major, number):
    """The shortest head."""
    if number < 24:
        return bytes([major << 5 | number])
    for more, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | more]) + number.to_bytes(size, "big")
    raise ValueError(number)


def encode(value):
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, Pairs):
        return head(5, len(value)) + b"".join(encode(k) + encode(v) for k, v in value)
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(encode(v) for v in value)
    raise TypeError(type(value))


def nested_pairs(name, fields):
    order = NESTED[name].split()
    return Pairs((order.index(n), fields[n]) for n in sorted(fields, key=order.index))


def record_pairs(fields):
    """The whole record as pairs; nested maps and lists are Pairs already."""
    kind = next(name for name, number in KINDS.items() if number == fields["kind"])
    order = FIELDS[kind].split()
    keys = {name: i for i, name in enumerate(COMMON)}
    keys.update({name: 16 + i for i, name in enumerate(order)})
    pairs = Pairs()
    for name in sorted(fields, key=keys.__getitem__):
        value = fields[name]
        if isinstance(value, dict):
            value = nested_pairs(name, value)
        elif isinstance(value, list):
            value = [nested_pairs(name, item) for item in value]
        pairs.append((keys[name], value))
    return pairs


def sha256(data):
    return hashlib.sha256(data).digest()


def state_digest(items):
    """The digest of a state: items are dicts, in the order of their keys."""
    return sha256(
        b"".join(
            encode([i["key"], i["status"], i["digest"] if i["status"] == 0 else i["error"]])
            for i in items
        )
    )


def shown(value):
    """A decoded value as the index writes it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return "h'%s'" % value.hex()
    if isinstance(value, dict):
        return {name: shown(field) for name, field in value.items()}
    return [shown(item) for item in value]
