"""How a server ends, and what stops it from starting."""

import signal
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from pointsman.v1.completion_pb2 import FinishReason
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub

from tests.e2e.processes import Server, run, server_settings
from tests.e2e.requests import CALL_SECONDS, asking, collected

# Takes about a second: the sandbox reads the directive.
STORY = "Tell me a long story. [[sandbox: tokens=40 gap_ms=25]]"


@pytest.mark.parametrize("uvloop", ["true", "false"])
def test_sigterm_lets_a_running_stream_end(
    serve: Callable[..., Server], router: Callable[[Server], RouterServiceStub], uvloop: str
) -> None:
    server = serve(POINTSMAN_UVLOOP=uvloop)
    stream = router(server).Complete(asking(STORY), timeout=CALL_SECONDS)
    first = next(stream)

    server.process.popen.send_signal(signal.SIGTERM)
    server.process.wait_for_event("draining")
    answer = collected([first, *stream])

    assert answer.finished.finish_reason == FinishReason.FINISH_REASON_STOP
    assert server.process.popen.wait(CALL_SECONDS) == 0
    assert server.process.events("stopped")


def test_a_second_server_on_the_same_data_refuses_to_start(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve()
    second = run("-m", "pointsman_server", "serve", directory=tmp_path, **server_settings(server.data_dir))
    assert second.returncode != 0
    assert str(server.data_dir) in second.stderr
    assert "Traceback" not in second.stderr


def test_a_second_signal_cuts_what_still_runs(
    serve: Callable[..., Server], router: Callable[[Server], RouterServiceStub]
) -> None:
    server = serve()
    stream = router(server).Complete(asking("[[sandbox: hang_after=1]] Tell me a story."), timeout=CALL_SECONDS)
    next(stream)
    server.process.popen.send_signal(signal.SIGINT)
    server.process.wait_for_event("draining")

    server.process.popen.send_signal(signal.SIGINT)

    with pytest.raises(grpc.RpcError) as cut:
        collected(stream)
    assert cut.value.code() == grpc.StatusCode.UNAVAILABLE
    assert server.process.popen.wait(CALL_SECONDS) == 0


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_it_refuses_to_listen_beyond_loopback_in_the_clear(tmp_path: Path, address: str) -> None:
    settings = server_settings(tmp_path / "data", POINTSMAN_GRPC_ADDRESS=address)
    refused = run("-m", "pointsman_server", "serve", directory=tmp_path, **settings)
    assert refused.returncode != 0
    assert "tls_certificate" in refused.stderr
    assert "POINTSMAN_INSECURE=true" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_new_call_is_refused_while_it_drains(
    serve: Callable[..., Server], router: Callable[[Server], RouterServiceStub]
) -> None:
    server = serve()
    stream = router(server).Complete(asking(STORY), timeout=CALL_SECONDS)
    first = next(stream)
    server.process.popen.send_signal(signal.SIGTERM)
    server.process.wait_for_event("draining")

    with pytest.raises(grpc.RpcError) as refused:
        collected(router(server).Complete(asking("hello"), timeout=CALL_SECONDS))

    assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
    assert collected([first, *stream]).text
