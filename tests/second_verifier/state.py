# SPDX-License-Identifier: Apache-2.0
"""The states that snapshots give: SPEC.md, "Rules over the whole ledger" and "state digest"."""

from record import encode_value, head
from rules import GONE, UNREADABLE, VALUE, demand, sha256


def state_digest(state):
    parts = []
    for key in sorted(state):
        item = state[key]
        last = item["digest"] if item["status"] == VALUE else item["error"]
        parts += [head(4, 3), *map(encode_value, (key, item["status"], last))]
    return sha256(b"".join(parts))


def _agrees(item, before):
    """What an item says of the previous snapshot is what the state held."""
    held = (before["status"], before.get("digest"), before.get("value")) if before else (None, None, None)
    said = tuple(item.get(f"previous_{name}") for name in ("status", "digest", "value"))
    demand(said == held, "an item says something else of the state before")


def apply(snapshot, before):
    """The state after `snapshot`, from the one before it; a baseline needs none."""
    state = dict(before) if snapshot["reason"] != 0 else {}
    for item in snapshot["items"]:
        if snapshot["reason"] != 0:
            _agrees(item, state.get(item["key"]))
        state[item["key"]] = item
        if item["status"] == GONE:
            del state[item["key"]]
    demand(len(state) == snapshot["item_count"], "item_count is not the state's")
    unreadable = sum(item["status"] == UNREADABLE for item in state.values())
    demand(unreadable == snapshot["unreadable_count"], "unreadable_count is not the state's")
    demand(state_digest(state) == snapshot["state_digest"], "state_digest is not the state's")
    return state
