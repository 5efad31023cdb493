# SPDX-License-Identifier: Apache-2.0
"""fwsim answers as the kernel does: every call of tests/tools/kernel_answers.txt, which the kernel
lab makes on the real fwctl core, made on a simulated device.

    test_kernel_answers.py FWCTL_CALL
"""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "tools")]

from harness import Lab, check, need_machine  # noqa: E402
from kernel_answers import kernel_answers  # noqa: E402

WITHOUT_RAWIO = ["setpriv", "--bounding-set=-sys_rawio", "--inh-caps=-sys_rawio"]


def main():
    need_machine()
    program = sys.argv[1]
    wrong = []
    with Lab(HERE / "cxl_test.json") as lab:
        for name, answer, caller, arguments in kernel_answers():
            command = ([] if caller == "rawio" else WITHOUT_RAWIO) + [program, str(lab.device()), *arguments]
            got = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
            if got != answer:
                wrong.append(f"{name}: the kernel says {answer}, fwsim {got}")
    check(not wrong, "\n".join(wrong))


if __name__ == "__main__":
    main()
