"""conversation.py ROWS LOG CACHE: judges the turns of one chat against llama-server's prompt cache.

CACHE is the option that the server was given: --cache-prompt or --no-cache-prompt. The cache holds
the prompt of the turn before and the answer that the server made to it, but for the answer's last
token. A turn whose history is that real answer finds more there than the prompt before; one whose
history is anything else does not. How much it found, the server's own log says, too: it computed
the rest of the prompt.
"""
import sys

import check


def found(row, before, caching):
    """What is wrong with the cached tokens of a turn behind another one."""
    asked, cached = int(row["prompt_tokens"]), int(row["cached_tokens"])
    prompt, answer = int(before["prompt_tokens"]), int(before["generated_tokens"])
    if asked <= prompt + answer:
        yield f"a prompt of {asked} tokens does not hold {prompt} before it, the answer of {answer} and a question"
    # The text of an answer may be cut into other tokens than those it was made of, from some place on.
    if caching and not prompt < cached < prompt + answer:
        yield f"{cached} cached tokens behind a prompt of {prompt} and an answer of {answer}"
    if not caching and cached:
        yield f"{cached} cached tokens without a cache"


def book_faults(rows, log):
    """Turns of which the server's log says other tokens."""
    book = check.llamacpp_book(log)
    for row in rows:
        computed = int(row["prompt_tokens"]) - int(row["cached_tokens"])
        if not book[computed, int(row["generated_tokens"])]:
            yield f"turn {row['turn']}: the engine's log has no request that computed {computed} prompt tokens"


def main(path, log, option):
    rows = check.ok_rows(path)
    caching = option == "--cache-prompt"
    for row in rows:
        print(f"  turn {row['turn']:>2}: {row['prompt_tokens']:>3} prompt tokens, {row['cached_tokens']:>3} of them cached")
    faults = [f"turn {row['turn']}: {fault}" for before, row in zip(rows, rows[1:]) for fault in found(row, before, caching)]
    faults += book_faults(rows, open(log, errors="replace").read())
    if [int(row["turn"]) for row in rows] != list(range(1, len(rows) + 1)) or len(rows) != (10 if caching else 4):
        faults.append(f"{len(rows)} turns")
    whole = sum(int(r["cached_tokens"]) == int(b["prompt_tokens"]) + int(b["generated_tokens"]) - 1 for b, r in zip(rows, rows[1:]))
    print(f"  {option}: {len(rows)} turns" + (f", {whole} of {len(rows) - 1} found the whole turn before" if caching else ""))
    for fault in faults:
        print("  FAULT", fault)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
