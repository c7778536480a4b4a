"""Blanks, in shared libraries, the CUDA code of every GPU but one.

    python3 only_arch.py 90 site/vllm/vllm/*.so

A wheel holds the same kernels for many GPUs; to a machine with one kind the
rest is ballast. What is blanked becomes zeros, which any packer takes away, and
every address in the file stays as it was. A kernel that a library has only for
other GPUs, or only as PTX of another architecture, then fails when it is first
called, not before.
"""

import struct
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


def main(keep, names):
    for name in names:
        with open(name, "rb") as f:
            library = bytearray(f.read())
        kept = blanked = 0
        for at, size, arch in list(entries(library)):
            if arch == keep:
                kept += size
            else:
                library[at : at + size] = bytes(size)
                blanked += size
        with open(name, "wb") as f:
            f.write(library)
        print(f"{name}: {kept} bytes kept, {blanked} blanked")


if __name__ == "__main__":
    if len(sys.argv) < 3 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    main(int(sys.argv[1]), sys.argv[2:])
