#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The verifier has to run on an auditor's laptop: fwaudit links neither libbpf nor any of tpm2-tss.
set -euo pipefail
libraries=$(ldd "$2")
echo "$libraries"
grep -q libcrypto <<<"$libraries" || { echo "not even libcrypto: is this fwaudit?"; exit 1; }
if grep -E 'libbpf|libtss2' <<<"$libraries"; then
	echo "fwaudit must not link these"
	exit 1
fi
