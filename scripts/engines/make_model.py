"""make_model.py DIR: writes a tiny Llama-shaped model of random weights into DIR.

A real engine loads it as it loads any model: configuration, tokenizer, weights.
Its text is noise, its speed is no model's: it exists to exercise an engine's
server on a machine without a GPU. The same seed gives the same files.

It needs the packages tokenizers, safetensors and torch.
"""
import json
import pathlib
import random
import sys

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

SEED = 1
BOS, EOS = "<s>", "</s>"
VOCAB = 4096
# Many thin layers: with two, vLLM on two cores makes a token in 2 ms, faster than its own
# HTTP front end sends them, and an answer arrives in one piece.
CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama",
    "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 24,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 64,
    "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
    "hidden_act": "silu", "attention_bias": False, "mlp_bias": False,
    "tie_word_embeddings": False, "bos_token_id": 0, "eos_token_id": 1,
    "torch_dtype": "bfloat16",
}
CHAT = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "


def corpus(rng, lines=20000):
    """Lines of made-up words of two to four syllables, enough to fill the vocabulary."""
    syllables = [c + v for c in "bcdfghjklmnprstvwz" for v in ("a", "e", "i", "o", "u", "ai", "or", "en")]
    words = ["".join(rng.choices(syllables, k=rng.randint(2, 4))) for _ in range(6000)]
    for _ in range(lines):
        yield " ".join(rng.choices(words, k=12)) + "."


def tokenizer(rng):
    """A byte-level BPE tokenizer that puts the beginning mark before each prompt, as Llama's does."""
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(corpus(rng), trainers.BpeTrainer(
        vocab_size=VOCAB, special_tokens=[BOS, EOS], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    t.post_processor = processors.TemplateProcessing(single=f"{BOS} $A", special_tokens=[(BOS, 0)])
    return t


def shapes(c, vocab):
    """Names and shapes of a Llama checkpoint's tensors."""
    h, f, d = c["hidden_size"], c["intermediate_size"], c["head_dim"]
    q, kv = c["num_attention_heads"] * d, c["num_key_value_heads"] * d
    yield from [("model.embed_tokens", (vocab, h)), ("model.norm", (h,)), ("lm_head", (vocab, h))]
    for i in range(c["num_hidden_layers"]):
        for name, shape in [("self_attn.q_proj", (q, h)), ("self_attn.k_proj", (kv, h)),
                            ("self_attn.v_proj", (kv, h)), ("self_attn.o_proj", (h, q)),
                            ("mlp.gate_proj", (f, h)), ("mlp.up_proj", (f, h)), ("mlp.down_proj", (h, f)),
                            ("input_layernorm", (h,)), ("post_attention_layernorm", (h,))]:
            yield f"model.layers.{i}.{name}", shape


def weight(shape):
    """Ones for a norm, small normal noise for a matrix."""
    return torch.ones(shape, dtype=torch.bfloat16) if len(shape) == 1 else (torch.randn(shape) * 0.02).bfloat16()


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    t = tokenizer(random.Random(SEED))
    t.save(str(folder / "tokenizer.json"))
    config = CONFIG | {"vocab_size": t.get_vocab_size()}
    files = {
        "config.json": config,
        "generation_config.json": {"bos_token_id": 0, "eos_token_id": 1},
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": BOS, "eos_token": EOS,
                                  "model_max_length": config["max_position_embeddings"], "chat_template": CHAT},
    }
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value, indent=2) + "\n")
    tensors = {name + ".weight": weight(shape) for name, shape in shapes(config, config["vocab_size"])}
    save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_model.py DIR")
    main(pathlib.Path(sys.argv[1]))
