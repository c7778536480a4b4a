"""Blanks, in shared libraries, the CUDA code of every GPU but one.

    python3 only_arch.py 90 site/vllm/vllm/*.so
    python3 only_arch.py 90 --drop 'marlin|cutlass' --keep rms_norm site/vllm/vllm/*.so

A wheel holds the same kernels for many GPUs; to a machine with one kind the
rest is ballast. What is blanked becomes zeros, which any packer takes away, and
every address in the file stays as it was. A kernel that a library has only for
other GPUs, or only as PTX of another architecture, then fails when it is first
called, not before. The same goes for --drop: it blanks the code, of the one GPU,
of which a kernel's name matches the expression, unless one matches --keep; code
that is packed is looked into by zstd.
"""

import argparse
import re
import struct
import subprocess
import sys

# A fat binary, as nvcc embeds it: this header, then entries until its size is
# used up. The fields are those that cuobjdump shows.
CONTAINER = struct.Struct("<IHHQ")  # magic, version, size of this header, size of the entries
MAGIC = struct.pack("<I", 0xBA55ED50)
ENTRY = struct.Struct("<HHIQIIII")  # kind, version, size of this header, size of the image, ..., ..., ..., architecture


def entries(library):
    """The images of a library: where each begins, its size in bytes, its architecture such as 90."""
    at = library.find(MAGIC)
    while at >= 0:
        _, _, header, size = CONTAINER.unpack_from(library, at)
        end = at + header + size
        if header != CONTAINER.size or end > len(library):  # the same four bytes by chance
            at = library.find(MAGIC, at + 1)
            continue
        entry = at + header
        while entry < end:
            _, _, header, size, _, _, _, arch = ENTRY.unpack_from(library, entry)
            if header < ENTRY.size:
                sys.exit(f"only_arch: the entry at byte {entry} is none as nvcc writes them")
            yield entry + header, size, arch
            entry += header + size
        at = library.find(MAGIC, end)


NAME = re.compile(rb"_Z\w+")
PACKED = b"\x28\xb5\x2f\xfd"  # a frame of zstd; behind it is padding, at which zstd stops with an error


def dropped(image, drop, keep):
    """Whether the kernels of an image are not wanted, by their names."""
    if not drop:
        return False
    if image.startswith(PACKED):
        image = subprocess.run(["zstd", "-dc"], input=image, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    names = b" ".join(set(NAME.findall(image)))
    return bool(re.search(drop.encode(), names)) and not (keep and re.search(keep.encode(), names))


def main(o):
    for name in o.library:
        with open(name, "rb") as f:
            library = bytearray(f.read())
        kept = blanked = 0
        for at, size, arch in list(entries(library)):
            if arch == o.arch and not dropped(bytes(library[at : at + size]), o.drop, o.keep):
                kept += size
            else:
                library[at : at + size] = bytes(size)
                blanked += size
        with open(name, "wb") as f:
            f.write(library)
        print(f"{name}: {kept} bytes kept, {blanked} blanked")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("arch", type=int, help="such as 90")
    parser.add_argument("--drop", metavar="REGEX", default="")
    parser.add_argument("--keep", metavar="REGEX", default="")
    parser.add_argument("library", nargs="+")
    main(parser.parse_args())
