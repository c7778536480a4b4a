"""What clients.sh has measured: one turn of a client, and the table of all turns.

    python3 clients.py turn METRICS FILE COMMAND...   runs COMMAND; its cost and what the server said go to FILE
    python3 clients.py table OUT                      a table to stdout of the turns' files and summary rows

The server's word is its counters and histograms before and after the turn; its
own pace is how many tokens it counted per second while at least nine in ten of
the clients had a request there. Times of histograms are means; of the 99th
percentile a histogram tells only the bucket: the table has its upper bound.
"""
import collections
import csv
import json
import pathlib
import re
import resource
import subprocess
import sys
import threading
import time
import urllib.request

SENDERS = {"loadgen": "loadgen", "bench": "vllm bench serve", "rust": "vllm-rs bench serve"}
FIGURES = ("ok", "span_s", "generated_tps", "ttft_mean_s", "ttft_p99_s", "gap_mean_s", "gap_p99_s", "latency_mean_s")
TTFT, GAP, LATENCY = "time_to_first_token_seconds", "inter_token_latency_seconds", "e2e_request_latency_seconds"
PROMPTS, TOKENS, RUNNING, WAITING = "prompt_tokens_total", "generation_tokens_total", "num_requests_running", "num_requests_waiting"
LINE = re.compile(r'vllm:(\w+)(?:\{(.*)\})? (\S+)$')
COLUMNS = ("clients", "client", "requests", "seconds", "tokens/s", "TTFT mean, p99 ms", "gap mean, p99 ms", "latency s",
           "the server: requests", "prompt tokens of one", "tokens", "its own pace tokens/s", "TTFT mean, p99 ms", "gap mean, p99 ms", "latency s",
           "CPU s", "CPU us a token", "memory MB", "status")


def counters(url):
    """The server's counters now, engines added up: {name: value}, buckets as name and upper bound."""
    counted = collections.Counter()
    with urllib.request.urlopen(url) as answer:
        for line in answer.read().decode().splitlines():
            if m := LINE.match(line):
                name, labels, value = m.groups()
                bound = re.search(r'\ble="([^"]*)"', labels or "")
                counted[f"{name} {bound[1]}" if bound else name] += float(value)
    return counted


def turn(url, file, *command):
    """Runs the command and asks the server every second meanwhile."""
    before, samples, over = counters(url), [], threading.Event()

    def watch():
        while not over.wait(1):
            now = counters(url)
            samples.append((time.monotonic(), now[RUNNING] + now[WAITING], now[TOKENS]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = subprocess.run(command).returncode
    over.set()
    watcher.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    pathlib.Path(file).write_text(json.dumps({
        "status": status, "cpu_s": used.ru_utime + used.ru_stime, "memory_mb": used.ru_maxrss / 1024,
        "before": before, "after": counters(url), "samples": samples}))
    return status


def pace(samples, clients):
    """Tokens per second while most of the clients had a request at the server."""
    busy = [s for s in samples if s[1] >= 0.9 * clients]
    return (busy[-1][2] - busy[0][2]) / (busy[-1][0] - busy[0][0]) if len(busy) > 2 else None


def histogram(said, name):
    """Mean and upper bound of the 99th percentile, in seconds, of what came in the turn."""
    d = {key: said["after"][key] - said["before"].get(key, 0) for key in said["after"] if key.startswith(name)}
    count = d.get(name + "_count", 0)
    if not count:
        return None, None
    bounds = sorted((float(key.split()[1]), n) for key, n in d.items() if " " in key)
    return d[name + "_sum"] / count, next((le for le, n in bounds if n >= 0.99 * count), None)


def figures(path):
    """The client's own figures, from the summary row of its turn."""
    with open(path.with_suffix(".summary"), newline="") as f:
        row = next(csv.DictReader(f))
    return {name: float(row[name]) if row[name] else None for name in FIGURES} | {"status": row["status"]}


def cell(*values, form="{:.1f}", scale=1):
    """Numbers of one cell; what is not known is a dash."""
    return ", ".join("-" if v is None else form.format(v * scale) for v in values)


def row(clients, sender, c, said):
    """One line of the table."""
    prompts, tokens, count = (said["after"][name] - said["before"].get(name, 0) for name in (PROMPTS, TOKENS, TTFT + "_count"))
    (ttft, ttft99), (gap, gap99), (latency, _) = (histogram(said, name) for name in (TTFT, GAP, LATENCY))
    return (clients, SENDERS[sender], int(c["ok"]), cell(c["span_s"]), cell(c["generated_tps"], form="{:.0f}"),
            cell(c["ttft_mean_s"], c["ttft_p99_s"], scale=1e3), cell(c["gap_mean_s"], c["gap_p99_s"], scale=1e3, form="{:.2f}"), cell(c["latency_mean_s"], form="{:.3f}"),
            int(count), cell(prompts / count if count else None), int(tokens), cell(pace(said["samples"], clients), form="{:.0f}"), cell(ttft, ttft99, scale=1e3), cell(gap, gap99, scale=1e3, form="{:.2f}"),
            cell(latency, form="{:.3f}"), cell(said["cpu_s"]), cell(said["cpu_s"] / tokens if tokens else None, scale=1e6), cell(said["memory_mb"], form="{:.0f}"), c["status"])


def table(out):
    print("| " + " | ".join(COLUMNS) + " |\n|" + " --- |" * len(COLUMNS))
    turns = [path.stem.split("-") + [path] for path in pathlib.Path(out).glob("*.turn")]
    for clients, _, sender, path in sorted((int(n), list(SENDERS).index(sender), sender, path) for n, sender, path in turns):
        print("| " + " | ".join(map(str, row(clients, sender, figures(path), json.loads(path.read_text())))) + " |")


if __name__ == "__main__":
    if len(sys.argv) > 4 and sys.argv[1] == "turn":
        sys.exit(turn(*sys.argv[2:]))
    if len(sys.argv) == 3 and sys.argv[1] == "table":
        sys.exit(table(sys.argv[2]))
    sys.exit(__doc__)
