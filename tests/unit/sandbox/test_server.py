"""The sandbox as a server: faults, pace, meter, control, start and stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import ssl
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pointsman_server.sandbox import Fault, Sandbox, serve
from pointsman_server.sandbox.faults import UsageFault

# Made once: a client would read the certificates of all authorities anew.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
HELLO = [{"role": "user", "content": "hello there"}]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(burst=True) as running:
        yield running


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sandbox.base_url.removesuffix("/v1"), timeout=5, verify=NO_TLS) as made:
        yield made


def asked(*, stream: bool = True, model: str = "swift", text: str = "hello there", **fields: Any) -> dict[str, Any]:
    request: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": text}], **fields}
    if stream:
        request |= {"stream": True, "stream_options": {"include_usage": True}}
    return request


async def complete(client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    return await client.post("/v1/chat/completions", json=asked(**fields))


def events(response: httpx.Response) -> list[Any]:
    lines = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


def deltas(response: httpx.Response) -> list[str]:
    found = [event["choices"][0]["delta"] for event in events(response) if event != "[DONE]" and event["choices"]]
    return [delta["content"] for delta in found if delta.get("content")]


async def settled(sandbox: Sandbox) -> None:
    """Waits until the sandbox has seen that its clients went away."""
    while sandbox.meter.outcomes["running"]:  # noqa: ASYNC110  # only the sandbox knows, and it tells nobody
        await asyncio.sleep(0.001)


class TestAnswers:
    async def test_a_burst_is_one_write(self, sandbox: Sandbox) -> None:
        port = int(sandbox.base_url.rpartition(":")[2].removesuffix("/v1"))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        body = json.dumps(asked(text="[[sandbox: tokens=20]]")).encode()
        writer.write(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        data = await reader.read(1 << 16)
        assert data.startswith(b"HTTP/1.1 200 OK")
        assert data.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
        assert data.count(b'"content":') == 21
        writer.close()
        await writer.wait_closed()

    async def test_the_clock_dates_the_answer(self) -> None:
        class Fixed:
            def now(self) -> datetime:
                return datetime(2024, 1, 31, tzinfo=UTC)

            def monotonic(self) -> float:
                return 0.0

        async with Sandbox(clock=Fixed(), burst=True) as sandbox, httpx.AsyncClient(verify=NO_TLS) as client:
            response = await client.post(f"{sandbox.base_url}/chat/completions", json=asked(stream=False))
        assert response.json()["created"] == 1_706_659_200

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/v1/chat/completions", 405),
            ("POST", "/v1/models", 405),
            ("GET", "/v1/modelsx", 404),
            ("GET", "/v1/models/x", 404),
            ("GET", "/", 404),
            ("GET", "/_sandbox/reset", 404),
            ("POST", "/_sandbox/meter", 404),
            ("GET", "/_sandbox/other", 404),
        ],
    )
    async def test_other_paths_and_methods(
        self, client: httpx.AsyncClient, method: str, path: str, status: int
    ) -> None:
        response = await client.request(method, path)
        assert response.status_code == status
        assert response.json()["error"]["message"]


class TestPace:
    async def test_a_model_keeps_its_own_pace(self) -> None:
        async with Sandbox(speed=4) as sandbox, httpx.AsyncClient(verify=NO_TLS) as client:
            loop = asyncio.get_running_loop()
            begun = loop.time()
            async with client.stream("POST", f"{sandbox.base_url}/chat/completions", json=asked()) as response:
                seen = [loop.time() - begun async for _ in response.aiter_raw()]
            output_tokens = sandbox.meter.entries[0].output_tokens
        # 50 ms and then 200 tokens a second, four times as fast. A busy machine may send several at once.
        assert seen[0] >= 0.0125
        assert seen[-1] >= 0.0125 + (output_tokens - 1) * 0.00125
        assert len(seen) > 1

    async def test_a_whole_answer_takes_as_long(self) -> None:
        async with Sandbox(speed=5) as sandbox, httpx.AsyncClient(verify=NO_TLS) as client:
            begun = asyncio.get_running_loop().time()
            await client.post(f"{sandbox.base_url}/chat/completions", json=asked(stream=False))
            output_tokens = sandbox.meter.entries[0].output_tokens
            assert asyncio.get_running_loop().time() - begun >= 0.010 + output_tokens * 0.001

    async def test_a_directive_sets_the_pace(self, client: httpx.AsyncClient) -> None:
        begun = asyncio.get_running_loop().time()
        response = await complete(client, text="[[sandbox: first_ms=20 gap_ms=2 tokens=6]]")
        assert len(deltas(response)) == 6
        assert asyncio.get_running_loop().time() - begun >= 0.030

    async def test_a_directive_asks_for_a_burst(self) -> None:
        async with Sandbox() as sandbox, httpx.AsyncClient(verify=NO_TLS) as client:
            begun = asyncio.get_running_loop().time()
            request = asked(model="free", text="[[sandbox: burst]]")
            await client.post(f"{sandbox.base_url}/chat/completions", json=request)
            assert asyncio.get_running_loop().time() - begun < 0.25


class TestFaults:
    @pytest.mark.parametrize("stream", [True, False])
    async def test_a_hang_before_the_headers(
        self, sandbox: Sandbox, client: httpx.AsyncClient, *, stream: bool
    ) -> None:
        sandbox.script.push(Fault(hang=True))
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/v1/chat/completions", json=asked(stream=stream), timeout=0.05)
        await settled(sandbox)
        entry = sandbox.meter.entries[0]
        assert (entry.outcome, entry.cost_nanos, entry.fault) == ("client_gone", 0, "hang=True")

    @pytest.mark.parametrize("stream", [True, False])
    async def test_a_hang_in_the_middle(self, sandbox: Sandbox, client: httpx.AsyncClient, *, stream: bool) -> None:
        sandbox.script.push(Fault(hang_after=3))
        seen = bytearray()

        async def read() -> None:
            request = asked(stream=stream)
            async with client.stream("POST", "/v1/chat/completions", json=request, timeout=0.05) as response:
                async for data in response.aiter_raw():
                    seen.extend(data)

        with pytest.raises(httpx.ReadTimeout):
            await read()
        await settled(sandbox)
        entry = sandbox.meter.entries[0]
        assert seen
        assert entry.outcome == "client_gone"
        assert entry.output_tokens == 3 if stream else entry.output_tokens > 3

    @pytest.mark.parametrize("stream", [True, False])
    async def test_a_cut(self, sandbox: Sandbox, client: httpx.AsyncClient, *, stream: bool) -> None:
        sandbox.script.push(Fault(cut_after=3))
        with pytest.raises(httpx.RemoteProtocolError):
            await complete(client, stream=stream)
        assert sandbox.meter.entries[0].outcome == "failed"

    async def test_a_cut_before_the_first_delta(self, sandbox: Sandbox, client: httpx.AsyncClient) -> None:
        sandbox.script.push(Fault(cut_after=0))
        with pytest.raises(httpx.RemoteProtocolError):
            await complete(client)
        entry = sandbox.meter.entries[0]
        assert (entry.outcome, entry.output_tokens, entry.input_tokens) == ("failed", 0, 2)

    @pytest.mark.parametrize("stream", [True, False])
    async def test_garbage(self, sandbox: Sandbox, client: httpx.AsyncClient, *, stream: bool) -> None:
        sandbox.script.push(Fault(garbage_after=2))
        response = await complete(client, stream=stream)
        assert b"\xff\xfe" in response.content
        assert b"[DONE]" not in response.content
        assert sandbox.meter.entries[0].outcome == "failed"

    @pytest.mark.parametrize("stream", [True, False])
    async def test_an_error_inside(self, sandbox: Sandbox, client: httpx.AsyncClient, *, stream: bool) -> None:
        sandbox.script.push(Fault(error_after=2))
        response = await complete(client, stream=stream)
        assert response.status_code == 200
        assert b'"type":"server_error"' in response.content

    @pytest.mark.parametrize("stream", [True, False])
    async def test_byte_by_byte(self, sandbox: Sandbox, client: httpx.AsyncClient, *, stream: bool) -> None:
        sandbox.script.push(Fault(bytes_per_second=20_000, tokens=1))
        pieces = []
        async with client.stream("POST", "/v1/chat/completions", json=asked(stream=stream)) as response:
            pieces = [data async for data in response.aiter_raw()]
        assert len(pieces) > 50
        assert sandbox.meter.entries[0].outcome == "ended"

    @pytest.mark.parametrize(
        ("usage", "expected"),
        [
            ("zero", [0, 0, 0]),
            ("negative", [-3, -2, -4]),
            ("huge", [10**12] * 3),
            ("overflow", [2**63] * 3),
            ("string", ["2", "1", "3"]),
        ],
    )
    @pytest.mark.parametrize("stream", [True, False])
    async def test_wrong_usage(
        self, sandbox: Sandbox, client: httpx.AsyncClient, usage: UsageFault, expected: list[object], *, stream: bool
    ) -> None:
        sandbox.script.push(Fault(usage=usage, tokens=1))
        response = await complete(client, stream=stream)
        found = events(response)[-2]["usage"] if stream else response.json()["usage"]
        assert [found[name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")] == expected
        entry = sandbox.meter.entries[0]
        assert (entry.input_tokens, entry.output_tokens) == (2, 1)

    @pytest.mark.parametrize("stream", [True, False])
    async def test_missing_usage(self, sandbox: Sandbox, client: httpx.AsyncClient, *, stream: bool) -> None:
        sandbox.script.push(Fault(usage="missing"))
        response = await complete(client, stream=stream)
        assert b"_tokens" not in response.content

    async def test_repeated_usage(self, sandbox: Sandbox, client: httpx.AsyncClient) -> None:
        sandbox.script.push(Fault(usage="repeated", tokens=4))
        reported = [event["usage"] for event in events(await complete(client)) if event != "[DONE]" and event["usage"]]
        assert [usage["completion_tokens"] for usage in reported] == [1, 2, 3, 4, 4]

    async def test_no_end_marks(self, sandbox: Sandbox, client: httpx.AsyncClient) -> None:
        sandbox.script.push(Fault(no_done=True))
        assert "[DONE]" not in (await complete(client)).text
        sandbox.script.push(Fault(no_finish=True))
        found = events(await complete(client))
        assert all(event["choices"][0]["finish_reason"] is None for event in found[:-2])
        sandbox.script.push(Fault(no_finish=True))
        assert (await complete(client, stream=False)).json()["choices"][0]["finish_reason"] is None

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    async def test_a_redirect(self, sandbox: Sandbox, client: httpx.AsyncClient, status: int) -> None:
        sandbox.script.push(Fault(redirect=status))
        response = await complete(client)
        assert (response.status_code, response.headers["location"]) == (status, "/v1/models")

    @pytest.mark.parametrize(
        ("fault", "content_type", "body"),
        [
            (Fault(body="html"), "text/html; charset=utf-8", b"<!doctype html>.*</html>"),
            (Fault(body="not_json"), "application/json", b"upstream connect error.*"),
            (Fault(body="empty"), "application/json", b""),
            (Fault(body="huge", huge_bytes=200_001), "application/json", b'(?s)\\{"filler".{199992}'),
            (Fault(body="html", content_type="text/event-stream"), "text/event-stream", b"<!doctype html>.*"),
        ],
    )
    async def test_a_body_that_is_no_answer(
        self, sandbox: Sandbox, client: httpx.AsyncClient, *, fault: Fault, content_type: str, body: bytes
    ) -> None:
        sandbox.script.push(fault)
        response = await complete(client)
        assert (response.status_code, response.headers["content-type"]) == (200, content_type)
        assert re.fullmatch(body, response.content)
        assert sandbox.meter.entries[0].outcome == "failed"

    async def test_what_is_no_http(self, sandbox: Sandbox, client: httpx.AsyncClient) -> None:
        sandbox.script.push(Fault(body="not_http"))
        with pytest.raises(httpx.RemoteProtocolError):
            await complete(client)

    @pytest.mark.parametrize("stream", [True, False])
    async def test_a_wrong_content_type(self, sandbox: Sandbox, client: httpx.AsyncClient, *, stream: bool) -> None:
        sandbox.script.push(Fault(content_type="text/plain"))
        response = await complete(client, stream=stream)
        assert response.headers["content-type"] == "text/plain"
        assert b"You" in response.content


class TestDirectives:
    async def test_in_the_last_user_message(self, client: httpx.AsyncClient) -> None:
        response = await complete(client, text="hi [[sandbox: status=503 retry_after=2]]")
        assert (response.status_code, response.headers["retry-after"]) == (503, "2")

    async def test_in_the_system_message(self, client: httpx.AsyncClient) -> None:
        messages = [{"role": "system", "content": "[[sandbox: text=ahoy]]"}, *HELLO]
        response = await client.post("/v1/chat/completions", json={"model": "swift", "messages": messages})
        assert response.json()["choices"][0]["message"]["content"] == "ahoy"

    async def test_an_earlier_message_has_no_effect(self, client: httpx.AsyncClient) -> None:
        before = {"role": "user", "content": "[[sandbox: status=503]]"}
        messages = [before, {"role": "assistant", "content": "[[sandbox: status=500]]"}, *HELLO]
        response = await client.post("/v1/chat/completions", json={"model": "swift", "messages": messages})
        assert response.status_code == 200

    async def test_a_wrong_one_is_refused(self, client: httpx.AsyncClient) -> None:
        response = await complete(client, text="[[sandbox: statu=503]]")
        assert response.status_code == 400
        assert response.json()["error"]["code"] == "invalid_fault"


class TestControl:
    async def test_faults_by_http(self, client: httpx.AsyncClient) -> None:
        faults = [{"status": 503, "times": 2, "model": "swift"}, {"status": 429}]
        assert (await client.post("/_sandbox/script", json={"faults": faults})).json() == {"queued": 2}
        statuses = [(await complete(client)).status_code for _ in range(4)]
        assert statuses == [503, 503, 429, 200]
        assert (await client.post("/_sandbox/script", json={"status": 500})).json() == {"queued": 1}
        assert (await client.post("/_sandbox/reset")).json() == {"queued": 0}
        assert (await complete(client)).status_code == 200

    @pytest.mark.parametrize("raw", [b"", b"[]", b"3", b'{"faults": 3}', b'{"faults": [3]}', b'{"statu": 1}'])
    async def test_what_is_no_fault(self, client: httpx.AsyncClient, raw: bytes) -> None:
        response = await client.post("/_sandbox/script", content=raw)
        assert response.status_code == 400
        assert response.json()["error"]["code"] == "invalid_fault"

    async def test_the_meter_by_http(self, sandbox: Sandbox, client: httpx.AsyncClient) -> None:
        await complete(client)
        await complete(client, model="nothing")
        report = (await client.get("/_sandbox/meter")).json()
        assert report["outcomes"] == {"ended": 1, "refused": 1}
        assert report["cost_nanos"] == sandbox.meter.cost_nanos > 0
        assert [entry["status"] for entry in report["requests"]] == [200, 404]
        assert "hello" not in json.dumps(report)
        await client.post("/_sandbox/reset")
        assert (await client.get("/_sandbox/meter")).json()["requests"] == []


class TestMeter:
    async def test_a_client_that_goes_away_pays_for_what_was_sent(self, sandbox: Sandbox) -> None:
        async with httpx.AsyncClient(verify=NO_TLS) as client:
            request = asked(text="[[sandbox: burst=false first_ms=0 gap_ms=2 tokens=500]]")
            async with client.stream("POST", f"{sandbox.base_url}/chat/completions", json=request) as response:
                seen = b""
                async for data in response.aiter_raw():
                    seen += data
                    if seen.count(b'"content":') > 5:
                        break
        await settled(sandbox)
        entry = sandbox.meter.entries[0]
        assert entry.outcome == "client_gone"
        assert 5 <= entry.output_tokens < 100
        assert entry.cost_nanos == entry.input_tokens * 100 + entry.output_tokens * 400

    async def test_a_client_that_never_got_its_whole_answer_pays_for_the_input(self, sandbox: Sandbox) -> None:
        async with httpx.AsyncClient(verify=NO_TLS, timeout=0.05) as client:
            request = asked(text="[[sandbox: first_ms=60000]]", stream=False)
            with pytest.raises(httpx.ReadTimeout):
                await client.post(f"{sandbox.base_url}/chat/completions", json=request)
        await settled(sandbox)
        entry = sandbox.meter.entries[0]
        assert (entry.outcome, entry.output_tokens) == ("client_gone", 0)
        assert entry.cost_nanos == entry.input_tokens * 100


async def test_200_streams_at_once_are_neither_lost_nor_mixed_up() -> None:
    async with (
        Sandbox() as sandbox,
        httpx.AsyncClient(verify=NO_TLS, timeout=30, limits=httpx.Limits(max_connections=200)) as client,
    ):

        async def one(number: int) -> str:
            text = f"caller {number} [[sandbox: first_ms=20 gap_ms=1]]"
            request = asked(text=text, model=("swift", "steady")[number % 2], max_tokens=20)
            return "".join(deltas(await client.post(f"{sandbox.base_url}/chat/completions", json=request)))

        answers = await asyncio.gather(*(one(number) for number in range(200)))
    for number, answer in enumerate(answers):
        assert answer.startswith(f'You said: "caller {number} [[')
    assert sandbox.meter.outcomes == {"ended": 200}
    assert sum(entry.output_tokens for entry in sandbox.meter.entries) == 200 * 20
    assert len({entry.id for entry in sandbox.meter.entries}) == 200


class TestLife:
    async def test_it_can_be_started_and_stopped_over_and_over(self) -> None:
        for _ in range(3):
            async with Sandbox(burst=True) as sandbox, httpx.AsyncClient(verify=NO_TLS) as client:
                assert (await client.get(f"{sandbox.base_url}/models")).status_code == 200
            with pytest.raises(httpx.ConnectError):
                async with httpx.AsyncClient(verify=NO_TLS) as late:
                    await late.get(f"{sandbox.base_url}/models")

    async def test_stopping_drops_running_streams(self) -> None:
        async with Sandbox() as sandbox, httpx.AsyncClient(verify=NO_TLS) as client:
            request = asked(text="[[sandbox: first_ms=0 gap_ms=50 tokens=500]]")
            stream = client.stream("POST", f"{sandbox.base_url}/chat/completions", json=request)
            response = await stream.__aenter__()
            await anext(response.aiter_raw())
            await sandbox.__aexit__(None, None, None)
            with contextlib.suppress(httpx.HTTPError):
                await stream.__aexit__(None, None, None)
        assert sandbox.meter.outcomes == {"client_gone": 1}

    async def test_it_listens_on_ipv6_too(self) -> None:
        async with Sandbox(host="::1", burst=True) as sandbox, httpx.AsyncClient(verify=NO_TLS) as client:
            assert sandbox.base_url.startswith("http://[::1]:")
            assert (await client.get(f"{sandbox.base_url}/models")).status_code == 200

    @pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
    async def test_it_serves_alone_until_it_is_told_to_end(self, stop: signal.Signals) -> None:
        code = (
            "import asyncio; from pointsman_server.sandbox import serve; asyncio.run(serve('127.0.0.1:0', burst=True))"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-X", "dev", "-W", "error", "-c", code,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=dict(os.environ),
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        line = (await process.stdout.readline()).decode()
        assert line.startswith("sandbox: http://127.0.0.1:")
        async with httpx.AsyncClient(verify=NO_TLS) as client:
            response = await client.post(f"{line.split()[1]}/chat/completions", json=asked())
            assert "hello there" in "".join(deltas(response))
        process.send_signal(stop)
        assert await process.wait() == 0
        assert await process.stderr.read() == b""

    async def test_serving_in_this_loop(self, monkeypatch: pytest.MonkeyPatch) -> None:
        printed = asyncio.get_running_loop().create_future()
        monkeypatch.setattr(sys.stdout, "write", printed.set_result)
        task = asyncio.create_task(serve("127.0.0.1:0"))
        assert (await printed).startswith("sandbox: http://127.0.0.1:")
        os.kill(os.getpid(), signal.SIGTERM)
        await task
