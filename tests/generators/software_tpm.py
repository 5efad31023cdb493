# SPDX-License-Identifier: Apache-2.0
"""A software TPM with a ledger's key and index in it, driven with tpm2-tools."""
import os
import subprocess
import tempfile
import time

KEY = "0x81000010"
INDEX = "0x01DA0100"


class SoftwareTpm:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.process = None
        self.environment = dict(os.environ, TPM2TOOLS_TCTI="swtpm:path=" + self.path("socket"))

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def start(self):
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + self.folder.name,
             "--server", "type=unixio,path=" + self.path("socket"),
             "--ctrl", "type=unixio,path=" + self.path("socket.ctrl"),
             "--flags", "not-need-init,startup-clear"],
            stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not os.path.exists(self.path("socket")):
            if time.monotonic() > deadline:
                raise RuntimeError("swtpm did not come up")
            time.sleep(0.01)

    def stop(self, clean):
        if clean:
            self.run("tpm2_shutdown", "-c")
        self.process.kill()
        self.process.wait()
        os.unlink(self.path("socket"))

    def run(self, *command):
        subprocess.run(command, check=True, env=self.environment, cwd=self.folder.name,
                       stdout=subprocess.PIPE)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def provision(self, attributes="restricted|"):
        self.run("tpm2_createprimary", "-C", "o", "-G", "ecc256", "-c", "primary")
        self.run("tpm2_create", "-C", "primary", "-G", "ecc256:ecdsa-sha256:null", "-a",
                 "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|" + attributes
                 + "sign|noda", "-u", "public", "-r", "private")
        self.run("tpm2_flushcontext", "-t")
        self.run("tpm2_load", "-C", "primary", "-u", "public", "-r", "private", "-c", "key")
        self.run("tpm2_flushcontext", "-t")
        self.run("tpm2_evictcontrol", "-C", "o", "-c", "key", KEY)
        self.run("tpm2_flushcontext", "-t")
        self.run("tpm2_nvdefine", INDEX, "-C", "o", "-s", "32", "-g", "sha256", "-a",
                 "ownerread|authread|authwrite|no_da|nt=extend")
        return self.read("public")[2:]

    def attest(self, digest):
        """NV_Extend, then NV_Certify: TPMS_ATTEST and TPMT_SIGNATURE."""
        with open(self.path("digest"), "wb") as f:
            f.write(digest)
        self.run("tpm2_nvextend", INDEX, "-C", INDEX, "-i", "digest")
        self.run("tpm2_nvcertify", "-C", KEY, "-c", INDEX, "-g", "sha256", "-f", "tss", "-q",
                 digest.hex(), "--size", "32", "--offset", "0", "--attestation", "attest", "-o",
                 "signature", INDEX)
        return self.read("attest"), self.read("signature")
