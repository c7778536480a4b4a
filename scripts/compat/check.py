"""check.py CHECK NAME FILE...: judges one run of a program of others, prints one line, exits 1 at a fault.

  passed NAME ROWS RELAY SUMMARY     loadgen's rows and collect's summary against the bytes that relay.py saw
  direct NAME ROWS DIRECT            rows through a proxy against rows without it
  configured NAME SUMMARY TTFT ITL [AT_ONCE]   the summary of a server configured to wait TTFT and ITL ms,
                                     less AT_ONCE, if given: the summary of the same server configured not to wait
  answered NAME ROWS ANSWERS TTFT ITL   rows against the tokens that such a server logged, and the time they take
  bench NAME RESULT PROMPTS TOKENS   the result of `vllm-rs bench serve` against what it was asked for
  imported NAME RESULT SUMMARY STATED AGAIN   the same result against the rows that import-results makes of it
  replayed NAME RESULT ROWS SUMMARY M0 M1 M2   one workload by `vllm-rs bench serve` and then by loadgen, with the
                                     server's /metrics before, between and behind
  sdk NAME ANSWERS ANSWER TOKENS     one ANSWER among those that sdk.py got
"""
import bisect
import csv
import itertools
import json
import re
import statistics
import sys

import exchanged

EXACT_S = 0.0002  # how far loadgen may be from what really arrived
CONFIGURED_S = 0.002  # how far a server may be from its configured times
SAME_RATE = 0.02  # by how much the throughput of two clients may differ under one workload


def rows_of(path):
    """The rows of a CSV file, by their place in the plan where they have one."""
    with open(path) as lines:
        return sorted(csv.DictReader(lines), key=lambda r: int(r.get("request") or 0))


def arrivals(row):
    """Arrival of each token of a row after the request's start, from its chunks."""
    for cell in row["chunk_s"].split():
        at, _, tokens = cell.partition("*")
        yield from [float(at.partition("~")[0])] * int(tokens or 1)


def timed(prompt, tokens, latency, times):
    """One answer's figures, times in seconds; those of a stream are None where it was not streamed."""
    gap = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else None
    return {"prompt": prompt, "tokens": tokens, "latency": latency, "TTFT": times[0] if times else None, "gap": gap}


def of_row(row, streamed):
    times = list(arrivals(row))
    if streamed != bool(times) or (times and len(times) != int(row["generated_tokens"])):
        raise ValueError(f"request {row['request']}: {len(times)} tokens in chunks, {row['generated_tokens']} in all")
    return timed(int(row["prompt_tokens"]), int(row["generated_tokens"]), float(row["latency_s"]), times)


def has_text(event):
    choice = (event.get("choices") or [{}])[0]
    return bool(choice.get("text") or (choice.get("delta") or {}).get("content"))


def of_relay(post):
    """The same figures of an answer that passed the relay; an event with text is a token."""
    ends = list(itertools.accumulate(len(data) for _, data in post["pieces"]))
    after = [(at - post["start"]) / 1e9 for at, _ in post["pieces"]]
    text = "".join(data for _, data in post["pieces"])
    prompt, tokens = (int(re.findall(rf'"{count}_tokens": ?(\d+)', text)[-1]) for count in ("prompt", "completion"))
    if "text/event-stream" not in text.partition("\r\n\r\n")[0]:
        return timed(prompt, tokens, after[-1], [])
    events = re.finditer(r"^data: ?({.*})\r?$", text, re.MULTILINE)
    times = [after[bisect.bisect_left(ends, e.end())] for e in events if has_text(json.loads(e[1]))]
    return timed(prompt, len(times), times[-1], times)


def measured(path, count):
    """The last count posts that passed the relay: before them loadgen asks what the server can do."""
    with open(path) as lines:
        posts = sorted(map(json.loads, lines), key=lambda p: p["start"])
    return [of_relay(p) for p in posts[-count:]]


def compare(got, want):
    """The median over answers of each figure's difference, as words; faults where one is too large."""
    words, faults = [], []
    for figure in ("latency", "TTFT", "gap"):
        pairs = [(g[figure], w[figure]) for g, w in zip(got, want) if w[figure] is not None]
        if not pairs:
            continue
        off = statistics.median(g - w for g, w in pairs)
        words.append(f"{figure} {1e3 * off:+.3f} ms")
        if abs(off) > EXACT_S:
            faults.append(f"the {figure} is off by {1e3 * off:+.3f} ms in the median")
    return ", ".join(words), faults


def pooled_gap(answers):
    """Mean over all gaps of all answers, collect's gap_mean_s."""
    streamed = [a for a in answers if a["gap"] is not None]
    return sum(a["gap"] * (a["tokens"] - 1) for a in streamed) / sum(a["tokens"] - 1 for a in streamed)


def doubts(rows, line):
    """Requests that failed, and a point that collect itself does not trust."""
    bad = [r for r in rows if r["status"] != "ok"]
    faults = [f"{len(bad)} requests are not ok, the first: {bad[0]['error']}"] if bad else []
    return faults + ([f"collect calls it {line['status']}"] if line["status"] != "complete" else [])


def passed(rows, relay, summary):
    rows, (line,) = rows_of(rows), rows_of(summary)
    if faults := doubts(rows, line):
        return f"{len(rows)} rows", faults
    want = measured(relay, len(rows))
    streamed = want[0]["TTFT"] is not None
    got = [of_row(r, streamed) for r in sorted(rows, key=lambda r: float(r["start_s"]))]
    pairs = [sorted(side, key=lambda a: a["tokens"]) for side in (got, want)]  # stable: then by start
    words, faults = compare(*pairs)
    for count in ("tokens", "prompt"):
        ours, theirs = ([a[count] for a in side] for side in pairs)
        if sorted(ours) != sorted(theirs):
            faults.insert(0, f"{count}: {sum(ours)} in the rows, {sum(theirs)} passed")
    if streamed and abs(off := float(line["gap_mean_s"]) - pooled_gap(want)) > EXACT_S:
        faults.append(f"collect's mean gap is off by {1e3 * off:+.3f} ms")
    return f"{len(rows)} rows, {sum(a['tokens'] for a in want)} tokens as passed; off by {words}", faults


def direct(rows, without):
    got, want = rows_of(rows), rows_of(without)
    if differ := [g["request"] for g, w in zip(got, want, strict=True) if g["generated_tokens"] != w["generated_tokens"]]:
        return f"{len(got)} rows", [f"requests {' '.join(differ)} have other tokens"]
    streamed = bool(want[0]["chunk_s"])
    a, b = ([of_row(r, streamed) for r in side] for side in (got, want))
    added = {f: 1e3 * statistics.median(x[f] - y[f] for x, y in zip(a, b)) for f in ("latency", "TTFT", "gap") if b[0][f]}
    words = ", ".join(f"{figure} {ms:+.2f} ms" for figure, ms in added.items())
    prompts = " and ".join(str(sum(int(r["prompt_tokens"]) for r in side)) for side in (got, want))
    faults = ["the gap is not as direct"] if abs(added.get("gap", 0)) > 1e3 * EXACT_S else []
    return f"tokens as direct, prompts of {prompts} tokens; {words}", faults


def configured(summary, ttft, itl, at_once=None):
    (line,) = rows_of(summary)
    base = rows_of(at_once)[0] if at_once else {}
    words, faults = [], []
    for figure, want in (("ttft_p50_s", ttft), ("gap_p50_s", itl)):
        got = 1e3 * (float(line[figure]) - float(base.get(figure, 0)))
        without = f", {base[figure]} without a wait" if base else ""
        words.append(f"{figure} {line[figure]}{without}, {want} ms configured")
        if abs(got - float(want)) > 1e3 * CONFIGURED_S:
            faults.append(f"{figure} is off by {got - float(want):+.1f} ms")
    return "; ".join(words), faults


def answered(rows, answers, ttft, itl):
    rows = rows_of(rows)
    if bad := [f"request {r['request']} is {r['status']}: {r['error']}" for r in rows if r["status"] != "ok"]:
        return f"{len(rows)} rows, {len(bad)} not ok", bad[:1]
    with open(answers) as lines:
        said = [json.loads(line) for line in lines][-len(rows):]  # before them loadgen asks what the server can do
    ours = sorted((int(r["prompt_tokens"]), int(r["generated_tokens"])) for r in rows)
    took = [(float(ttft) + float(itl) * (int(r["max_new_tokens"]) - 1)) / 1e3 for r in rows]
    over = [float(r["latency_s"]) - t for r, t in zip(rows, took)]
    wrong = {
        "tokens are not as asked": any(r["generated_tokens"] != r["max_new_tokens"] for r in rows),
        "tokens are not those that the server counted": ours != sorted((a["prompt"], a["tokens"]) for a in said),
        "latency is shorter than the server took": min(over) < -EXACT_S,
        "latency is off in the median": statistics.median(over) > CONFIGURED_S,
    }
    prompt, tokens = map(sum, zip(*ours))
    words = f"{len(rows)} rows, prompts of {prompt} tokens, {tokens} generated; latency {1e3 * statistics.median(over):+.2f} ms"
    return f"{words} in the median", [f"the {what}" for what, bad in wrong.items() if bad]


def bench(result, prompts, tokens):
    with open(result) as text:
        r = json.load(text)
    words = f"{r['completed']} completed, {r['failed']} failed, {r['total_output_tokens']} tokens"
    whole = (r["completed"], r["failed"], r["total_output_tokens"]) == (int(prompts), 0, int(prompts) * int(tokens))
    return words, [] if whole else [f"{prompts} requests of {tokens} tokens were asked for"]


def imported(result, summary, stated, again):
    with open(result) as text, open(again) as other:
        r, written = json.load(text), json.load(other)
    words, faults = exchanged.judge(r, exchanged.row_of(summary), exchanged.row_of(stated), written)
    return words, faults


def cached(page):
    """The tokens that a server's page of counters says came out of its prefix cache."""
    with open(page) as text:
        return sum(int(float(line.split()[-1])) for line in text if line.startswith("vllm:prefix_cache_hits_total"))


def replayed(result, rows, summary, *pages):
    with open(result) as text:
        r = json.load(text)
    rows, line, counts = rows_of(rows), exchanged.row_of(summary), [cached(page) for page in pages]
    ours = [(int(row["prompt_tokens"]), int(row["generated_tokens"])) for row in rows]
    theirs = list(zip(r["input_lens"], r["output_lens"], strict=True))
    found = [counts[1] - counts[0], counts[2] - counts[1], sum(int(row["cached_tokens"]) for row in rows)]
    figures = {"requests/s": (r["request_throughput"], line["wall_rps"]), "generated tokens/s": (r["output_throughput"], line["generated_tps"]),
               "mean TTFT in ms": (r["mean_ttft_ms"], 1e3 * float(line["ttft_mean_s"])),
               "mean E2EL in ms": (r["mean_e2el_ms"], 1e3 * float(line["latency_mean_s"]))}
    words = [f"{len(ours)} requests, prompts of {sum(p for p, _ in ours)} tokens, {sum(n for _, n in ours)} generated, {found[2]} cached"]
    faults = doubts(rows, line)
    for name, (a, b) in figures.items():
        words.append(f"{name} {float(a):.2f} by vLLM's client, {float(b):.2f} by loadgen")
        if name.endswith("/s") and abs(float(b) / float(a) - 1) > SAME_RATE:
            faults.append(f"the {name} differ by {100 * (float(b) / float(a) - 1):+.1f} %")
    if ours != theirs:
        faults.append("requests have other tokens")
    if len(set(found)) > 1 or not found[0]:
        faults.append(f"cached tokens: the server counted {found[0]} and {found[1]}, the rows have {found[2]}")
    return "; ".join(words), faults


def sdk(path, name, tokens):
    with open(path) as text:
        answers = {a["name"]: a for a in json.load(text)}
    answer, tokens = answers[name], int(tokens)
    (prompt, completion, total), = answer["usage"]
    text, pieces = "".join(answer["pieces"]), len(answer["pieces"])
    wrong = {
        "text": len(text.split()) != tokens,  # sim-engine's text has a syllable and a blank for each token
        "pieces": pieces != (tokens if "streamed" in name else 1),
        "finish_reason": answer["finish"] != ["length"],
        "usage": completion != tokens or prompt + completion != total,
    }
    words = f"{len(text)} characters in {pieces} pieces, {answer['finish']}, usage {prompt} + {completion} = {total}"
    return words, [f"the {what} is not as asked" for what, bad in wrong.items() if bad]


CHECKS = {"replayed": replayed, "passed": passed, "direct": direct, "configured": configured, "answered": answered, "bench": bench, "imported": imported, "sdk": sdk}


def main(check, name, *arguments):
    try:
        words, faults = CHECKS[check](*arguments)
    except (OSError, ValueError, LookupError, TypeError) as e:
        words, faults = "not judged", [f"{type(e).__name__}: {e}"]
    print("FAULT" if faults else "ok   ", name + ":", words, *(f"[{f}]" for f in faults))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
