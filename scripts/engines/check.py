"""check.py ENGINE ROWS LOG BEFORE AFTER PROMPT: compares loadgen's rows with the engine's own books.

ROWS are request rows, LOG is the engine's output, BEFORE and AFTER are its /metrics
around the run (empty files where it has none), PROMPT is the asked prompt length.
It prints what agrees and by how much, and exits with 1 when a count differs.
"""
import collections
import csv
import re
import sys

BOS = {"llamacpp": 0, "vllm": 1, "fastgen": 1}  # tokens an engine may put before a prompt


def counters(path):
    """Sums of a Prometheus page by metric name, over labels."""
    sums = collections.Counter()
    for line in open(path):
        name, _, value = line.rpartition(" ")
        if name and not line.startswith("#"):
            sums[name.partition("{")[0]] += float(value)
    return sums


def offsets(row):
    """Arrival of each chunk after the request's start, with its tokens."""
    for cell in row["chunk_s"].split():
        at, _, tokens = cell.partition("*")
        yield float(at), int(tokens or 1)


def row_faults(row, low, high):
    """What is not sane in one row by itself."""
    prompt, generated = int(row["prompt_tokens"]), int(row["generated_tokens"])
    if not low <= prompt <= high:
        yield f"{prompt} prompt tokens, asked for {low}"
    if not 0 < generated <= int(row["max_new_tokens"]):
        yield f"{generated} tokens of at most {row['max_new_tokens']}"
    chunks = list(offsets(row))
    times = [at for at, _ in chunks]
    if times and (times != sorted(times) or times[0] <= 0 or times[-1] > float(row["latency_s"]) + 1e-6):
        yield f"chunks out of order or past the end: {times[:3]}..."
    if chunks and sum(n for _, n in chunks) != generated:
        yield f"{sum(n for _, n in chunks)} tokens in chunks, {generated} in all"


def llamacpp_book(log):
    """(prompt, generated) tokens of each finished request, from llama-server's timings."""
    found = re.findall(r"task (\d+) \|\s+(prompt )?eval time = .*?/\s+(\d+) tokens", log)
    tasks = collections.defaultdict(dict)
    for task, prompt, tokens in found:
        tasks[task]["prompt" if prompt else "new"] = int(tokens)
    return collections.Counter((t["prompt"], t["new"]) for t in tasks.values() if len(t) == 2)


def fastgen_book(log):
    """Prompt and new tokens together, of each finished request."""
    return collections.Counter(int(n) + 1 for n in re.findall(r"a request of (\d+) \+ 1 tokens", log))


def book_faults(engine, rows, log):
    """Rows that the engine's own list of requests does not hold."""
    if engine == "vllm":
        return []  # its log lists no counts: totals() compares them
    pairs = [(int(r["prompt_tokens"]), int(r["generated_tokens"])) for r in rows]
    wanted = collections.Counter(pairs if engine == "llamacpp" else map(sum, pairs))
    missing = wanted - (llamacpp_book(log) if engine == "llamacpp" else fastgen_book(log))
    return [f"the engine's log has no request of {key} tokens ({n} rows)" for key, n in missing.items()]


def totals(rows, before, after):
    """vLLM's counters over the run against the rows' sums; its time to first token against theirs."""
    grew = counters(after)
    grew.subtract(counters(before))
    for column, name in (("prompt_tokens", "prompt_tokens_total"), ("generated_tokens", "generation_tokens_total")):
        ours, theirs = sum(int(r[column]) for r in rows), int(grew[f"vllm:{name}"])
        print(f"  {column}: {ours} in the rows, {theirs} by the engine")
        if ours != theirs:
            yield f"{column} differ by {theirs - ours}"
    first = [float(r["chunk_s"].split()[0].partition("*")[0]) for r in rows if r["chunk_s"]]
    if first:
        theirs = grew["vllm:time_to_first_token_seconds_sum"] / grew["vllm:time_to_first_token_seconds_count"]
        print(f"  mean TTFT: {1e3 * sum(first) / len(first):.2f} ms by loadgen, {1e3 * theirs:.2f} ms by the engine")


def main(engine, path, log, before, after, prompt):
    rows = [r for r in csv.DictReader(open(path)) if r["status"] == "ok"]
    low, high = int(prompt), int(prompt) + BOS[engine]
    faults = [f"client {r['client']} request {r['request']}: {f}" for r in rows for f in row_faults(r, low, high)]
    faults += book_faults(engine, rows, open(log, errors="replace").read())
    if engine == "vllm":
        faults += totals(rows, before, after)
    print(f"  {engine}: {len(rows)} rows agree" if rows and not faults else f"  {engine}: {len(rows)} rows")
    for fault in faults[:20]:
        print("  FAULT", fault)
    return 1 if faults or not rows else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
