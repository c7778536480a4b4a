"""check.py ENGINE ROWS LOG PROMPT ONE M0 M1 M2: compares loadgen's rows with the engine's own books.

ROWS are request rows, LOG is the engine's output, PROMPT is the asked prompt length.
ONE are the rows of a run of one request before; M0, M1 and M2 are the engine's /metrics
before, between and after the two runs (empty files where it has none). What the engine
counted beyond ONE is loadgen's acquaintance with it, the same in each run.
It prints what agrees and by how much, and exits with 1 when a count differs.
"""
import collections
import csv
import re
import sys

BOS = {"llamacpp": 0, "vllm": 1, "fastgen": 1, "transformers": 1}  # tokens an engine may put before a prompt


def counters(path):
    """Sums of a Prometheus page by metric name, over labels."""
    sums = collections.Counter()
    for line in open(path):
        name, _, value = line.rpartition(" ")
        if name and not line.startswith("#"):
            sums[name.partition("{")[0]] += float(value)
    return sums


def offsets(row):
    """Arrival of each chunk after the request's start, with its tokens; one that may have come earlier has the time it was read."""
    for cell in row["chunk_s"].split():
        at, _, tokens = cell.partition("*")
        yield float(at.partition("~")[0]), int(tokens or 1)


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
    if engine == "transformers":  # nor does its, but no token ends a text of its model: lengths are those asked for
        return [f"{r['generated_tokens']} tokens, {r['max_new_tokens']} asked for" for r in rows
                if r["generated_tokens"] != r["max_new_tokens"]]
    pairs = [(int(r["prompt_tokens"]), int(r["generated_tokens"])) for r in rows]
    wanted = collections.Counter(pairs if engine == "llamacpp" else map(sum, pairs))
    missing = wanted - (llamacpp_book(log) if engine == "llamacpp" else fastgen_book(log))
    return [f"the engine's log has no request of {key} tokens ({n} rows)" for key, n in missing.items()]


def total(rows, column):
    return sum(int(r[column]) for r in rows)


def totals(rows, one, pages):
    """vLLM's counters over the run against the rows' sums; its time to first token against theirs."""
    first, between, last = map(counters, pages)
    for column, metric in (("prompt_tokens", "prompt_tokens_total"), ("generated_tokens", "generation_tokens_total")):
        metric = f"vllm:{metric}"
        acquaintance = between[metric] - first[metric] - total(one, column)
        ours, theirs = total(rows, column), int(last[metric] - between[metric] - acquaintance)
        print(f"  {column}: {ours} in the rows, {theirs} by the engine")
        if ours != theirs:
            yield f"{column} differ by {theirs - ours}"
    ttfts = [next(offsets(r))[0] for r in rows if r["chunk_s"]]
    if ttfts:
        name = "vllm:time_to_first_token_seconds"
        theirs = (last[name + "_sum"] - between[name + "_sum"]) / (last[name + "_count"] - between[name + "_count"])
        print(f"  mean TTFT: {1e3 * sum(ttfts) / len(ttfts):.2f} ms by loadgen, {1e3 * theirs:.2f} ms by the engine")


def ok_rows(path):
    return [r for r in csv.DictReader(open(path)) if r["status"] == "ok"]


def main(engine, path, log, prompt, one, *pages):
    rows = ok_rows(path)
    low, high = int(prompt), int(prompt) + BOS[engine]
    faults = [f"client {r['client']} request {r['request']}: {f}" for r in rows for f in row_faults(r, low, high)]
    faults += book_faults(engine, rows, open(log, errors="replace").read())
    if engine == "vllm":
        faults += totals(rows, ok_rows(one), pages)
    print(f"  {engine}: {len(rows)} rows agree" if rows and not faults else f"  {engine}: {len(rows)} rows")
    for fault in faults[:20]:
        print("  FAULT", fault)
    return 1 if faults or not rows else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
