"""Programs that know nothing of Pointsman: buf's curl, which learns the contract through reflection."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.e2e.processes import START_SECONDS, Server

BUF = Path(sys.executable).with_name("buf")
QUESTION = {"messages": [{"role": "ROLE_USER", "parts": [{"text": {"text": "hello"}}]}]}


def buf_curl(*arguments: str) -> str:
    command = [str(BUF), "curl", "--protocol", "grpc", "--http2-prior-knowledge", *arguments]
    found = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout


def call(server: Server, method: str, request: object) -> list[dict[str, Any]]:
    """Calls a method; its responses."""
    url = f"http://{server.grpc_address}/pointsman.v1.{method}"
    token = [part for name, value in server.headers.items() for part in ("--header", f"{name}: {value}")]
    output = buf_curl("--reflect", *token, "--data", json.dumps(request), url)
    decoder, responses = json.JSONDecoder(), []
    while output := output.strip():
        response, end = decoder.raw_decode(output)
        responses.append(response)
        output = output[end:]
    return responses


def test_the_services_are_listed(server: Server) -> None:
    for version in ("grpc-v1", "grpc-v1alpha"):
        listed = buf_curl("--list-services", "--reflect-protocol", version, f"http://{server.grpc_address}").split()
        assert {"pointsman.v1.RouterService", "pointsman.v1.CatalogService", "grpc.health.v1.Health"} <= set(listed)


def test_a_completion_streams(server: Server) -> None:
    responses = call(server, "RouterService/Complete", {"specification": QUESTION})
    events = [event for response in responses for event in response["events"]]
    assert len(responses) > 1
    assert "started" in events[0]
    assert events[-1]["finished"]["finishReason"] == "FINISH_REASON_STOP"
    assert int(events[-1]["finished"]["usage"]["outputTokens"]) > 0


def test_a_route_is_explained(server: Server) -> None:
    (response,) = call(server, "RouterService/Route", {"specification": QUESTION})
    assert response["decision"]["plan"]
