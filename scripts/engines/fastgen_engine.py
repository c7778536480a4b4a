"""Takes the place of MII's module mii/modeling/models.py, the only one that needs a GPU.

The pipeline above it (gRPC servers, load balancer, tokenizer, ragged batching,
sampling, stop rules) stays MII's own. The engine below is simulated: its logits are
noise and a forward pass is a pause of FORWARD_S plus TOKEN_S for each token.
"""
import json
import os
import pathlib
import time
import types

import torch
from deepspeed.accelerator import get_accelerator

FORWARD_S = float(os.environ.get("SIMULATED_FORWARD_S", "0.005"))
TOKEN_S = float(os.environ.get("SIMULATED_TOKEN_S", "0.00002"))
BLOCKS = 1 << 20  # the simulated key-value cache never fills

if not torch.cuda.is_available():
    torch.cuda.synchronize = lambda device=None: None  # the pipeline's constructor calls it
    # DeepSpeed's CPU accelerator answers with text, which the pipeline never finds equal to rank 0.
    get_accelerator().current_device = lambda: int(os.environ.get("LOCAL_RANK", "0"))


class SimulatedEngine:
    """What MII's ragged batching asks of DeepSpeed's InferenceEngineV2."""

    def __init__(self, model_config):
        config = json.loads((pathlib.Path(model_config.model_name_or_path) / "config.json").read_text())
        model = types.SimpleNamespace(max_seq_length=config["max_position_embeddings"])
        self._policy = types.SimpleNamespace(_checkpoint_engine=types.SimpleNamespace(model_config=model))
        self._config = model_config.inference_engine_config
        self._vocab = config["vocab_size"]
        self._tokens = {}
        self.free_blocks = [BLOCKS]

    def put(self, uids, tokens, do_checks=True):
        """One forward pass over all the tokens; a row of logits for each request."""
        for uid, row in zip(uids, tokens):
            self._tokens[uid] = self._tokens.get(uid, 0) + len(row)
        time.sleep(FORWARD_S + TOKEN_S * sum(len(t) for t in tokens))
        return torch.randn(len(uids), self._vocab)

    def query(self, uid, max_tokens, max_blocks):
        """How many of the tokens can be scheduled, and the cache blocks they take."""
        return max_tokens, 0

    def get_remaining_block_capacity(self, uid):
        return 1

    def flush(self, uid):
        """A request has ended. Its prompt and all but the last of its new tokens went through put."""
        if uid in self._tokens:
            print(f"simulated engine: a request of {self._tokens.pop(uid)} + 1 tokens", flush=True)


def load_model(model_config):
    return SimulatedEngine(model_config)
