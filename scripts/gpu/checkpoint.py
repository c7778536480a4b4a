"""Writes a Hugging Face checkpoint of random weights in a model's true shape.

An engine is as fast with it as with the real weights: speed depends on shapes,
not on values. Its text is noise. Nothing is downloaded: the tokenizer is made
here, of words of one to three syllables, each one token of plain ASCII, so that
every token shows and none is half a character. No token ends a text but where a
client asks for it: generations are as long as asked for.

    python checkpoint.py DIR --shape llama-2-7b                a folder of 13.5 GB
    python checkpoint.py DIR --shape llama-2-7b --no-weights   for vLLM's --load-format dummy
    python checkpoint.py DIR --shape tiny --layers 2           a shape, and what differs from it

It needs the packages tokenizers, torch and safetensors, which engines bring.
"""
import argparse
import itertools
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "engines"))
from make_model import CHAT, shapes

OPTIONS = ("layers", "hidden", "heads", "kv_heads", "intermediate", "vocab", "context", "experts")
SHAPES = {name: dict(zip(OPTIONS, numbers)) for name, numbers in {
    "tiny": (4, 256, 4, 2, 512, 32000, 4096, 0),
    "tiny-mixtral": (4, 256, 4, 2, 512, 32000, 4096, 4),
    "tinyllama-1.1b": (22, 2048, 32, 4, 5632, 32000, 2048, 0),
    "llama-2-7b": (32, 4096, 32, 32, 11008, 32000, 4096, 0),
    "llama-2-13b": (40, 5120, 40, 40, 13824, 32000, 4096, 0),
    "llama-2-70b": (80, 8192, 64, 8, 28672, 32000, 4096, 0),
    "mixtral-8x7b": (32, 4096, 32, 8, 14336, 32000, 32768, 8),
}.items()}
EXPERT = {"gate_proj": "w1", "up_proj": "w3", "down_proj": "w2"}  # Mixtral's names for Llama's
UNKNOWN, BOS, EOS = "<unk>", "<s>", "</s>"
SHARD = 4 << 30  # bytes of a file of weights


def config(o):
    """The model's config.json: a Llama's, or a Mixtral's where there are experts."""
    experts = {"architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "num_local_experts": o.experts,
               "num_experts_per_tok": 2, "sliding_window": None, "rope_theta": 1e6, "output_router_logits": False}
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama",
        "hidden_size": o.hidden, "intermediate_size": o.intermediate, "num_hidden_layers": o.layers,
        "num_attention_heads": o.heads, "num_key_value_heads": o.kv_heads, "head_dim": o.hidden // o.heads,
        "vocab_size": o.vocab, "max_position_embeddings": o.context, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
        "hidden_act": "silu", "attention_bias": False, "mlp_bias": False, "tie_word_embeddings": False,
        "bos_token_id": 1, "eos_token_id": 2, "torch_dtype": o.dtype,
    } | (experts if o.experts else {})


def words():
    """Words of one syllable, then of two, then of three: 60 + 3,600 + 216,000."""
    syllables = [c + v for c in "bdfgklmnprst" for v in "aeiou"]
    for n in (1, 2, 3):
        yield from map("".join, itertools.product(syllables, repeat=n))


def tokenizer(size):
    """A tokenizer of that many tokens which puts the beginning mark before each prompt, as Llama's does."""
    ascii = ["\u2581", *map(chr, range(33, 127))]
    marks = [UNKNOWN, BOS, EOS, *ascii]
    if not 60 <= size - len(marks) <= 219660:
        sys.exit(f"checkpoint: a vocabulary has {len(marks) + 60} to {len(marks) + 219660} tokens, not {size}")
    pieces = marks + ["\u2581" + w for w in itertools.islice(words(), size - len(marks))]
    # The longest piece wins: of two ways to cut a text, the one of fewer pieces costs less.
    t = Tokenizer(models.Unigram([(p, -1.0 - (i >= 3) * (len(p) < 2)) for i, p in enumerate(pieces)], unk_id=0))
    t.add_special_tokens([UNKNOWN, BOS, EOS])
    t.normalizer = normalizers.Replace(Regex("[^\\x20-\\x7e]"), "?")
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.decoder = decoders.Metaspace()
    t.post_processor = processors.TemplateProcessing(single=f"{BOS} $A", special_tokens=[(BOS, 1)])
    return t


def tensors(c):
    """The tensors' names and shapes: a Llama's, where each expert has a feed-forward part of its own."""
    experts = c.get("num_local_experts", 0)
    for name, shape in shapes(c, c["vocab_size"]):
        layer, _, part = name.partition(".mlp.")
        if not part or not experts:
            yield name, shape
            continue
        if part == "gate_proj":
            yield f"{layer}.block_sparse_moe.gate", (experts, c["hidden_size"])
        for i in range(experts):
            yield f"{layer}.block_sparse_moe.experts.{i}.{EXPERT[part]}", shape


def plan(c, width):
    """The tensors' names and shapes, a list for each file."""
    files, room = [], 0
    for name, shape in tensors(c):
        size = width * torch.Size(shape).numel()
        if not files or size > room:
            files, room = files + [[]], SHARD
        files[-1].append((name + ".weight", shape))
        room -= size
    return files


def weights(folder, c):
    """The files of weights, made on the GPU where there is one, and their index where there are several."""
    torch.manual_seed(1)
    dtype = getattr(torch, c["torch_dtype"])
    device = "cuda" if torch.cuda.is_available() else "cpu"
    files = plan(c, dtype.itemsize)
    index = {}
    for i, group in enumerate(files, 1):
        name = "model.safetensors" if len(files) == 1 else f"model-{i:05}-of-{len(files):05}.safetensors"
        index |= {tensor: name for tensor, _ in group}
        made = {tensor: torch.ones(shape, dtype=dtype) if len(shape) == 1 else
                torch.empty(shape, dtype=dtype, device=device).normal_(std=0.02).cpu() for tensor, shape in group}
        save_file(made, str(folder / name), metadata={"format": "pt"})
    if len(files) > 1:
        write(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": index})


def write(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", type=pathlib.Path)
    parser.add_argument("--shape", choices=SHAPES, default="llama-2-7b")
    for name in OPTIONS:
        parser.add_argument("--" + name.replace("_", "-"), type=int, metavar="N")
    parser.add_argument("--dtype", default="bfloat16", choices=("bfloat16", "float16", "float32"))
    parser.add_argument("--no-weights", action="store_true", help="configuration and tokenizer only")
    o = parser.parse_args()
    for name, number in SHAPES[o.shape].items():
        if getattr(o, name) is None:
            setattr(o, name, number)
    return o


def main():
    o = options()
    o.folder.mkdir(parents=True, exist_ok=True)
    c = config(o)
    tokenizer(o.vocab).save(str(o.folder / "tokenizer.json"))
    write(o.folder / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "unk_token": UNKNOWN, "bos_token": BOS, "eos_token": EOS,
        "model_max_length": o.context, "model_input_names": ["input_ids", "attention_mask"], "chat_template": CHAT})
    write(o.folder / "generation_config.json", {"bos_token_id": 1, "do_sample": False})
    if not o.no_weights:
        weights(o.folder, c)
    write(o.folder / "config.json", c)  # last: a folder with it is whole


if __name__ == "__main__":
    main()
