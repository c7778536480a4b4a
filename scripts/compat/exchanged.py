"""A result of vLLM's client against what the suite made of it, for check.py.

The summary is collect's row of the requests that import-results took from the result, stated the row of
`import-results --summary`, again what `collect json` writes of the same requests. A figure has to be the
same to the last digit of a row, a microsecond: each time of a request was rounded to one, and a mean or a
percentile of rounded times may end on the next. vLLM divides by a duration that begins before the first
request; the rates of the summary are over the span, and are compared over it.
"""
import csv

GRAIN_S = 1.01e-6  # a microsecond, and the noise of its own arithmetic
DIGIT = 0.51e-6  # half of a row's last digit, and the noise of its own arithmetic
METRICS = {"ttft": "ttft", "tpot": "tpot", "itl": "gap", "e2el": "latency"}
STATISTICS = {"mean": "mean", "median": "p50", "p90": "p90", "p99": "p99"}
OVER_DURATION = ("request_throughput", "output_throughput", "total_token_throughput")
OURS_ONLY = {  # what rows do not have, or say in other words
    "date", "label", "tokenizer_id", "generated_texts", "burstiness", "max_model_len", "input_throughput", "steady_state",
    "duration", "start_times", "queue_times",
}


def row_of(path):
    with open(path) as lines:
        (row,) = csv.DictReader(lines)
    return row


def figures(result, row):
    """Each figure of the result and of the row, in seconds; vLLM's gaps are per chunk, so chunks of one token are compared."""
    for metric, column in METRICS.items():
        for statistic, suffix in STATISTICS.items():
            yield f"{statistic} {metric}", result[f"{statistic}_{metric}_ms"] / 1e3, float(row[f"{column}_{suffix}_s"])


def faults_of(result, summary, stated, again):
    for name, row in {"imported": summary, "stated": stated}.items():
        for figure, theirs, ours in figures(result, row):
            if abs(theirs - ours) > GRAIN_S:
                yield f"{name}: {figure} is {ours}, vLLM has {theirs:.9f}"
    for key, column in {"request_throughput": "wall_rps", "output_throughput": "generated_tps", "total_token_throughput": "total_tps"}.items():
        if abs(result[key] - float(stated[column])) > DIGIT:
            yield f"stated: {column} is {stated[column]}, vLLM has {result[key]}"
        over_span = result[key] * result["duration"] / float(summary["span_s"])
        if abs(over_span - float(summary[column])) > 1e-4 * over_span:
            yield f"imported: {column} is {summary[column]}, vLLM's tokens over the span are {over_span}"
    for key in result.keys() - OURS_ONLY - set(OVER_DURATION):
        if not alike(again.get(key), result[key]):
            yield f"written again: {key} is {str(again.get(key))[:60]}, vLLM has {str(result[key])[:60]}"


def alike(a, b):
    """Equal, or numbers that a rounding of times to microseconds leaves apart: milliseconds in figures, seconds in lists."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= 1e3 * GRAIN_S
    return a == b


def judge(result, summary, stated, again):
    """The comparison in words, and its faults."""
    exact = sum(f"{theirs:.6f}" == f"{ours:.6f}" for _, theirs, ours in figures(result, summary))
    idle = result["duration"] - float(summary["span_s"])
    words = f"{exact} of {len(METRICS) * len(STATISTICS)} figures to the last digit, duration - span {1e3 * idle:.2f} ms"
    return words, list(faults_of(result, summary, stated, again))
