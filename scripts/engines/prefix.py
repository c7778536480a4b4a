"""prefix.py send URL TRACE: sends a trace of prompts with known reuse and prints it with what the server found cached.
prefix.py make SEED COUNT: prints a random trace of that many requests.

A trace is a line of JSON for each request. Those of one "group" are sent at once, when the
group before has ended. A "prompt" is a list of parts: [NAME, N] are the first N tokens of the
endless text of that name, ["=3", N] the first N tokens that the server answered to line 3 (from
0). "new" is how many tokens to generate. "cached" is what usage said, null where it said nothing;
of equal prompts in one group the order is the server's, so their counts are sorted.

The sums must be those of the server's own counters; else it says so and exits with 1.
"""
import itertools
import json
import random
import sys
import threading
import urllib.request
import zlib

COUNTERS = {"vllm:prefix_cache_queries_total": "prompt_tokens", "vllm:prefix_cache_hits_total": "cached",
            "vllm:prompt_tokens_cached_total": "cached"}


def token(name, i):
    """Token i of a text; the same rule stands in tools/simulator/sim-engine/prefix_test.go."""
    return 259 + zlib.crc32(f"{name} {i}".encode()) % 3000


def ids(prompt, answers):
    parts = (answers[int(name[1:])][:n] if name[0] == "=" else [token(name, i) for i in range(n)] for name, n in prompt)
    return list(itertools.chain.from_iterable(parts))


def ask(url, prompt, new, stream):
    """One completion: the ids that it answered and its usage."""
    body = {"prompt": prompt, "max_tokens": new, "ignore_eos": True, "return_token_ids": True,
            "temperature": 1}  # so that a prompt that comes again has another answer
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    request = urllib.request.Request(url + "/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        if not stream:
            whole = json.load(answer)
            return whole["choices"][0]["token_ids"], whole["usage"]
        chunks = [json.loads(line[6:]) for line in answer if line.startswith(b"data: {")]
    return [t for c in chunks for choice in c["choices"] for t in choice["token_ids"] or []], chunks[-1]["usage"]


def counters(url):
    with urllib.request.urlopen(url + "/metrics", timeout=10) as page:
        lines = page.read().decode().splitlines()
    return {name: sum(float(l.rpartition(" ")[2]) for l in lines if l.startswith(name)) for name in COUNTERS}


def send(url, trace):
    """The trace with its answers' counts, and the server's counters over it."""
    answers, before = {}, counters(url)
    for _, group in itertools.groupby(enumerate(trace), lambda line: line[1]["group"]):
        group = list(group)

        def one(number, line):
            answers[number], usage = ask(url, ids(line["prompt"], answers), line["new"], number % 2 == 1)
            line["prompt_tokens"] = usage["prompt_tokens"]
            line["cached"] = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")

        threads = [threading.Thread(target=one, args=line) for line in group]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        lines = [line for _, line in group]
        for prompt in {str(line["prompt"]) for line in lines}:
            equal = [line for line in lines if str(line["prompt"]) == prompt]
            for line, cached in zip(equal, sorted((l["cached"] for l in equal), key=lambda c: c or 0)):
                line["cached"] = cached
    after = counters(url)
    return {name: after[name] - before[name] for name in COUNTERS}


def faults(trace, counted):
    """What the counters and the usage of the answers do not agree in."""
    hits = sum(line["cached"] or 0 for line in trace)
    for name, column in COUNTERS.items():
        ours = sum(line[column] or 0 for line in trace)
        if counted[name] != ours and not (hits == 0 and counted[name] == 0):  # without a cache nothing is looked up
            yield f"{name} rose by {counted[name]:.0f}, the answers say {ours}"


def make(seed, count):
    """Prompts that branch, end at, before and behind a block's end, repeat, and go on with answers."""
    rng = random.Random(seed)
    trace = [{"group": i, "prompt": [[f"{seed}.{i}", 1270]], "new": 1} for i in range(3)]  # pushes all else out of 100 blocks of 32
    for group in range(len(trace), count):
        how = rng.random()
        if how < 0.15:
            prompt = rng.choice(trace)["prompt"]
        elif how < 0.45:
            number = rng.randrange(max(0, group - 12), group)
            before = trace[number]
            prompt = before["prompt"] + [[f"={number}", rng.choice([before["new"], before["new"] - 1])], [f"t{group}", rng.randint(1, 60)]]
        else:
            prompt = [[rng.choice("abcde"), 32 * rng.randint(1, 12) + rng.choice([-1, 0, 0, 1, 7])],
                      [rng.choice("uvw") if rng.random() < 0.5 else f"u{group}", rng.randint(1, 300)]]
        if sum(n for _, n in prompt) > 1500:
            prompt = [[f"long{group}", rng.randint(1000, 1500)]]
        trace.append({"group": group, "prompt": [p for p in prompt if p[1]], "new": rng.choice([1, 2, 16, 31, 32, 33, 48])})
    return trace


def show(trace):
    for line in trace:
        print(json.dumps({k: v for k, v in line.items() if k != "prompt_tokens"}))


def main(command, *args):
    if command == "make":
        return show(make(int(args[0]), int(args[1])))
    trace = [json.loads(line) for line in open(args[1])]
    found = list(faults(trace, send(args[0], trace)))
    show(trace)
    for fault in found:
        print("FAULT", fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    if [a for a in sys.argv[1:2]] not in (["send"], ["make"]) or len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
