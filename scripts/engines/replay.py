"""replay.py interleave WORKLOAD: prints the turns of all sessions as requests of their own, one of each session in turn.
replay.py check FOLDER: judges the rows that test_replay.sh left there.

Each request must have found as many cached tokens in vLLM as in its simulation. The sums must be
those of vLLM's counters. Where all prompts have room, the count is known beforehand: a prompt finds
the blocks in front that earlier prompts filled, but never its last token. Where they have less
room, less is found. Without the cache nothing is.
"""
import itertools
import json
import pathlib
import sys

import check

BLOCK = 32  # tokens of a hash id and of a server's block
COUNTERS = ("vllm:prefix_cache_hits_total", "vllm:prompt_tokens_cached_total")


def lines(path):
    return [json.loads(line) for line in open(path)]


def interleave(path):
    sessions = {}
    for line in lines(path):
        line.pop("delay", None)
        sessions.setdefault(line.pop("session_id"), []).append(line)
    for turns in itertools.zip_longest(*sessions.values()):
        for line in filter(None, turns):
            print(json.dumps(line))


def known(trace):
    """Tokens that each prompt finds in a cache that forgets nothing."""
    filled, found = set(), []
    for line in trace:
        ids, tokens = line["hash_ids"], line["input_length"]
        begins = [tuple(ids[:n]) for n in range(1, tokens // BLOCK + 1)]
        here = len(list(itertools.takewhile(filled.__contains__, begins)))
        found.append(BLOCK * min(here, (tokens - 1) // BLOCK))
        filled.update(begins)
    return found


def cached(folder, name):
    """The cached tokens of each request, in the order of the workload."""
    rows = sorted(check.ok_rows(folder / f"{name}.csv"), key=lambda r: int(r["request"]))
    return [int(r["cached_tokens"]) for r in rows]


def counted(folder, name):
    """How far vLLM's counters of cached tokens rose."""
    before, after = (check.counters(folder / f"{name}.{when}") for when in ("before", "after"))
    return [int(after[counter] - before[counter]) for counter in COUNTERS]


def faults(folder, name, most):
    """What is wrong with one workload; most is what each request could find."""
    real, simulated = (cached(folder, f"{server}.{name}") for server in ("vllm", "sim"))
    differ = [i for i, pair in enumerate(itertools.zip_longest(real, simulated)) if pair[0] != pair[1]]
    print(f"  {name}: {len(real)} requests, {sum(real)} cached tokens by vLLM, {sum(simulated)} by its simulation, {sum(most)} with room for all; {len(differ)} requests differ")
    if len(real) != len(most):
        yield f"{name}: {len(most)} requests were to be sent"
    if differ:
        yield f"{name}: requests {differ[:10]} differ"
    if name == "roomy" and real != most:
        yield f"{name}: requests {[i for i, (a, b) in enumerate(zip(real, most)) if a != b][:10]} did not find what is known"
    if name == "tight" and not sum(real) < sum(most):
        yield f"{name}: nothing was forgotten"
    if counted(folder, f"vllm.{name}") != [sum(real)] * len(COUNTERS):
        yield f"{name}: vLLM's counters rose by {counted(folder, f'vllm.{name}')}"


def main(command, path):
    if command == "interleave":
        return interleave(path)
    folder = pathlib.Path(path)
    most = {name: known(lines(folder / f"{name}.jsonl")) for name in ("roomy", "tight")}
    found = [fault for name in most for fault in faults(folder, name, most[name])]
    for server in ("vllm-off", "sim-off"):
        off = cached(folder, f"{server}.roomy")
        print(f"  without the cache: {len(off)} requests, {sum(off)} cached tokens by {server}")
        if off != [0] * len(most["roomy"]):
            found.append(f"{server} found something without a cache")
    for fault in found:
        print("  FAULT", fault)
    return bool(found)


if __name__ == "__main__":
    if [a for a in sys.argv[1:2]] not in (["interleave"], ["check"]) or len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
