"""wheel_member.py REPORT MEMBER FILE: takes one MEMBER out of a wheel by range requests, into FILE.

REPORT is what `pip install --dry-run --report` wrote: it has the address of the wheel in the
index that pip is set to. The checksum of the zip archive guards the member against damage.
"""
import io
import json
import pathlib
import sys
import urllib.request
import zipfile


class Ranges(io.RawIOBase):
    """A file behind an address, read by range requests."""

    def __init__(self, url):
        self.url, self.at = url, 0
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD")) as answer:
            self.size = int(answer.headers["Content-Length"])

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=io.SEEK_SET):
        self.at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence]
        return self.at

    def readinto(self, buffer):
        end = min(self.at + len(buffer), self.size)
        if end <= self.at:
            return 0
        wanted = urllib.request.Request(self.url, headers={"Range": f"bytes={self.at}-{end - 1}"})
        with urllib.request.urlopen(wanted) as answer:
            if answer.status != 206:
                raise OSError(f"status {answer.status} for a range")
            data = answer.read()
        buffer[: len(data)] = data
        self.at += len(data)
        return len(data)


def main(report, member, path):
    (item,) = json.loads(pathlib.Path(report).read_text())["install"]
    wheel = Ranges(item["download_info"]["url"])
    with zipfile.ZipFile(io.BufferedReader(wheel, 1 << 20)) as archive:
        pathlib.Path(path).write_bytes(archive.read(member))


if __name__ == "__main__":
    main(*sys.argv[1:])
