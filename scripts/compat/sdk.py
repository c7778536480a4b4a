"""sdk.py URL: asks a server through the openai SDK, streamed and not, and prints what came as JSON.

One object per question: its name, the pieces of the answer's text, the finish reasons that were
not null, and the usage as (prompt, completion, total) tokens. check.py judges them.
"""
import json
import sys

import openai

TOKENS = 12
PROMPT = "Once upon a time"


def seen(name, answers):
    """What the chunks of a stream brought, or the one answer that was not streamed."""
    choices = [c for a in answers for c in a.choices]
    part = {"completions": lambda c: c.text, "chat": lambda c: (getattr(c, "delta", None) or c.message).content}
    usages = [a.usage for a in answers if a.usage]
    return {
        "name": name,
        "pieces": [text for c in choices if (text := part[name.split()[0]](c))],
        "finish": [c.finish_reason for c in choices if c.finish_reason],
        "usage": [(u.prompt_tokens, u.completion_tokens, u.total_tokens) for u in usages],
    }


def main(url):
    client = openai.OpenAI(base_url=url + "/v1", api_key="none", max_retries=0)
    model = client.models.list().data[0].id
    messages = [{"role": "user", "content": PROMPT}]
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    results = [
        seen("completions", [client.completions.create(model=model, prompt=PROMPT, max_tokens=TOKENS)]),
        seen("completions streamed", list(client.completions.create(model=model, prompt=PROMPT, max_tokens=TOKENS, **streamed))),
        seen("chat", [client.chat.completions.create(model=model, messages=messages, max_tokens=TOKENS)]),
        seen("chat streamed", list(client.chat.completions.create(model=model, messages=messages, max_tokens=TOKENS, **streamed))),
    ]
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
