"""An upstream for the benchmark: speaks the OpenAI wire, answers each completion with the same 20 deltas.

It does as little as it can, so that the machine is left to what is measured. A request without ``"stream": true``
gets one document. ``python -m bench.upstream`` prints its address and serves until its standard input ends. With
``--pace-ms`` the deltas come apart, else all at once.
"""

import argparse
import asyncio
import functools
import json
import re
import sys

DELTAS = tuple(f"delta {number} " for number in range(20))
TEXT = "".join(DELTAS)
MODEL = "bench-model"
QUESTION = "Say the deltas, please: all twenty of them, in order."
QUESTIONS = tuple(f"{QUESTION}{' And once more, please.' * count}" for count in range(20))
"""Questions of 20 lengths, so that nothing gains by having seen one before."""
INPUT_TOKENS = 12
OUTPUT_TOKENS = 60

HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    b"cache-control: no-cache\r\n\r\n"
)


def event(choices: list[dict[str, object]], **more: object) -> bytes:
    """One server-sent event in a chunk of its own."""
    document = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    data = f"data: {json.dumps(document | {'choices': choices} | more)}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(data), data)


def answer() -> list[bytes]:
    """The events of every answer, ready for the wire."""
    texts: list[dict[str, object]] = [{"content": text} for text in DELTAS]
    events = [event([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in texts]
    usage = {"prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS}
    usage["total_tokens"] = INPUT_TOKENS + OUTPUT_TOKENS
    events.append(event([{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    events.append(event([], usage=usage))
    return [*events, b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"]


def document() -> bytes:
    """The whole answer in one piece, ready for the wire."""
    choice = {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
    head = {"id": "chatcmpl-bench", "object": "chat.completion", "created": 1, "model": MODEL}
    usage = {"prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS}
    usage["total_tokens"] = INPUT_TOKENS + OUTPUT_TOKENS
    return in_json(head | {"choices": [choice], "usage": usage})


def in_json(value: object) -> bytes:
    """A response that holds one JSON value."""
    data = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(data), data)


EVENTS = answer()
BURST = HEAD + b"".join(EVENTS)
DOCUMENT = document()
LIST = in_json({"object": "list", "data": [{"id": MODEL, "object": "model"}]})
_STREAMED = re.compile(rb'"stream": ?true')


async def read_body(head: bytes, reader: asyncio.StreamReader) -> bytes:
    """The request's body, whole or still in its chunks: what is looked for in it is seen either way."""
    if b"transfer-encoding: chunked" in head:
        return await reader.readuntil(b"\r\n0\r\n\r\n")
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return await reader.readexactly(length)


async def serve_connection(pace_ms: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers one request after the other until the client goes."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if head.startswith(b"get "):
                writer.write(LIST)
                continue
            body = await read_body(head, reader)
            if not _STREAMED.search(body):
                await asyncio.sleep(len(EVENTS) * pace_ms / 1000)
                writer.write(DOCUMENT)
                continue
            if pace_ms == 0:
                writer.write(BURST)
                continue
            writer.write(HEAD)
            for data in EVENTS:
                writer.write(data)
                await asyncio.sleep(pace_ms / 1000)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def serve(pace_ms: int) -> None:
    """Serves until the standard input ends."""
    connection = functools.partial(serve_connection, pace_ms)
    server = await asyncio.start_server(connection, "127.0.0.1", 0, backlog=2048)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}/v1", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def main() -> None:
    """Runs the upstream."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pace-ms", type=int, default=0)
    asyncio.run(serve(parser.parse_args().pace_ms))


if __name__ == "__main__":
    main()
