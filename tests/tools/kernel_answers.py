# SPDX-License-Identifier: Apache-2.0
"""Reads kernel_answers.txt."""

import pathlib

FWCTL_RPC = 0x9a01


def kernel_answers():
    """(name, answer, caller, arguments) of each line of the table."""
    for line in pathlib.Path(__file__).with_suffix(".txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, answer, caller, arguments = line.split("\t")
            yield name, answer, caller, arguments.split()
