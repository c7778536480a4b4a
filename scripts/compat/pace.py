"""pace.py URL: asks a simulated server in the clients' own time, through the openai SDK and curl.

Prints one line a client, and fails where the pieces of a streamed answer do not come one by one at
the pace of the model: gaps of at least GAP in the median, half of them no longer than twice that.
"""
import json
import statistics
import subprocess
import sys
import time

import openai

TOKENS = 40
PROMPT = "Once upon a time"
GAP = 0.0200  # s between the tokens of one sequence: Llama-2-7b on an A6000, a little less than the model's 0.0225


def through_sdk(url):
    client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0)
    answer = client.completions.create(model=client.models.list().data[0].id, prompt=PROMPT, max_tokens=TOKENS, stream=True)
    return [time.monotonic() for chunk in answer if chunk.choices and chunk.choices[0].text]


def through_curl(url):
    body = json.dumps({"prompt": PROMPT, "max_tokens": TOKENS, "stream": True})
    command = ["curl", "-sN", "-H", "Content-Type: application/json", "-d", body, url + "/v1/completions"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as curl:
        return [time.monotonic() for line in curl.stdout if line.startswith(b"data: {") and json.loads(line[6:])["choices"]]


def main(url):
    failed = False
    for name, ask in {"openai SDK": through_sdk, "curl": through_curl}.items():
        times = ask(url)
        gap = statistics.median(b - a for a, b in zip(times, times[1:])) if len(times) > 1 else 0
        good = len(times) == TOKENS and GAP <= gap <= 2 * GAP
        failed |= not good
        print(f"{'ok   ' if good else 'FAULT'} {name}: {len(times)} pieces of {TOKENS}, median gap {1000 * gap:.1f} ms, in real time")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
