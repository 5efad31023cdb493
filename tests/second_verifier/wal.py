# SPDX-License-Identifier: Apache-2.0
"""What a write-ahead log holds: sqlite.org/fileformat2.html, section 4."""

import struct


class Log:
    """header_valid; stranded: ends of transactions behind the first frame that is not valid."""

    def __init__(self, data):
        self.header_valid, self.stranded = False, 0
        if len(data) < 32:
            return
        magic, version, page_size = struct.unpack(">3I", data[:12])
        if magic & ~1 != 0x377f0682 or version != 3007000 or page_size not in (2 ** n for n in range(9, 17)):
            return
        self.order = ">" if magic & 1 else "<"
        self.sum = self._checksum((0, 0), data[:24])
        self.header_valid = self.sum == struct.unpack(">2I", data[24:32])
        if self.header_valid:
            self._frames(data, data[16:24], page_size)

    def _checksum(self, start, data):
        a, b = start
        words = struct.unpack(f"{self.order}{len(data) // 4}I", data)
        for x, y in zip(words[::2], words[1::2]):
            a = (a + x + b) & 0xffffffff
            b = (b + y + a) & 0xffffffff
        return a, b

    def _frames(self, data, salt, page_size):
        broken = False
        for at in range(32, len(data) - (24 + page_size) + 1, 24 + page_size):
            header = data[at:at + 24]
            page, size = struct.unpack(">2I", header[:8])
            if not broken and page != 0 and header[8:16] == salt:
                self.sum = self._checksum(self.sum, header[:8])
                self.sum = self._checksum(self.sum, data[at + 24:at + 24 + page_size])
                if self.sum == struct.unpack(">2I", header[16:24]):
                    continue
            broken = True
            self.stranded += size != 0 and header[8:16] == salt
