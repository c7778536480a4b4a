"""make_tokenizer.py FOLDER: writes a tokenizer.json in which every byte is one token.

It is a byte-level BPE without merges, in the format of Hugging Face's tokenizers. Random tokens are
mostly bytes that are no text: the hardest case for a server that has to turn tokens into text and
back. GPT-2's alphabet shows each byte as one printable character: itself where it is printable,
else one of those from U+0100 on.
"""
import json
import pathlib
import sys


def alphabet():
    """The character that stands for each byte, from 0 to 255."""
    printable = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def tokenizer():
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": byte_level,
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": {c: i for i, c in enumerate(alphabet())}, "merges": []},
    }


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer()))
