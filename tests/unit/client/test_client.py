"""The blocking client against a real server."""

from collections.abc import Iterator

import grpc
import pytest
from google.protobuf.json_format import MessageToDict
from pointsman import Client, assistant
from pointsman.address import target
from pointsman.channel import REPEATED, options, resolve
from pointsman.errors import Cancelled, ConnectionLost, InvalidRequest, StreamIncomplete, TextVoided, Unavailable
from pointsman.v1.catalog_service_pb2 import ListModelsRequest
from pointsman.v1.completion_pb2 import DELIVERY_WHOLE, CompletionEvent, RouteChanged
from pointsman.v1.model_pb2 import Model, Provider
from pointsman.v1.router_service_pb2 import RecordFeedbackRequest, UsageResponse, UsageRow
from pointsman_server.services.access import ACCESS
from scripted_server import Hold, Script, finished, refusal, response, started, text


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    with Client(address) as client:
        yield client


RESTART = CompletionEvent(
    attempt=2,
    route_changed=RouteChanged(failed_attempt=1, failed_model_id="a/one", model_id="b/two"),
)


def test_events_come_with_their_numbers(client: Client) -> None:
    with client.complete("hi") as completion:
        seen = [(sequence, event.WhichOneof("kind")) for sequence, event in completion]
    assert seen == [
        (0, "started"), (1, "text_delta"), (2, "text_delta"), (3, "text_delta"), (4, "finished"),
    ]  # fmt: skip
    assert completion.last_sequence == 4
    assert completion.started.completion_id == "cmp_1"


def test_text_comes_in_deltas_and_the_answer_is_whole(client: Client) -> None:
    with client.complete("hi") as completion:
        assert list(completion.text_deltas()) == ["Hel", "lo", "!"]
    answer = completion.final()
    assert answer.message == assistant("Hello!")
    assert (answer.text, answer.finished.model_id) == ("Hello!", "openai/gpt-4o-mini")
    assert completion.text == "Hello!"
    assert completion.message == answer.message


def test_final_alone_reads_to_the_end(client: Client) -> None:
    assert client.complete("hi").final().text == "Hello!"


def test_a_whole_answer_asks_for_one_response(client: Client, script: Script) -> None:
    script.steps = (response(started(), finished(message=assistant("whole"))),)
    assert client.complete_whole("hi").text == "whole"
    assert script.requests[0].delivery == DELIVERY_WHOLE


def test_a_client_timeout_is_the_calls_deadline(script: Script, address: str) -> None:
    with Client(address, timeout=30) as client:
        client.complete("hi").final()
        client.route("hi", timeout=5)
    patient, hasty = script.deadlines
    assert 20 < patient < 31  # gRPC rounds up
    assert hasty < 6


def test_breaking_out_of_the_loop_cancels_the_call(client: Client, script: Script) -> None:
    script.steps = (response(started(), text("Hel")), Hold())
    completion = client.complete("hi")
    for _, event in completion:
        if event.HasField("text_delta"):
            break
    assert script.cancelled.wait(5)
    assert completion.text == "Hel"
    with pytest.raises(Cancelled):
        completion.final()


def test_leaving_the_block_cancels_the_call(client: Client, script: Script) -> None:
    hold = Hold()
    script.steps = (response(started(), text("Hel")), hold)
    with client.complete("hi") as completion:
        assert next(completion.text_deltas()) == "Hel"
        assert hold.reached.wait(5)
    assert script.cancelled.wait(5)


def test_a_refusal_is_raised_where_the_stream_is_read_and_again(client: Client, script: Script) -> None:
    script.refusals["Complete"] = [
        refusal(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", fields={"specification.messages": "at least one"})
    ]
    completion = client.complete("")
    with pytest.raises(InvalidRequest) as caught:
        completion.final()
    assert caught.value.fields[0].path == "specification.messages"
    with pytest.raises(InvalidRequest):
        completion.final()


def test_a_completion_is_asked_for_once(client: Client, script: Script) -> None:
    script.refusals["Complete"] = [refusal(grpc.StatusCode.UNAVAILABLE, "ALL_PROVIDERS_FAILED")]
    with pytest.raises(Unavailable):
        client.complete("hi").final()
    assert len(script.requests) == 1


def test_a_connection_that_breaks_is_told_from_a_server_that_is_not_there(client: Client, script: Script) -> None:
    script.steps = (response(started(), text("Hel")), refusal(grpc.StatusCode.UNAVAILABLE, ""))
    completion = client.complete("hi")
    with pytest.raises(ConnectionLost):
        completion.final()
    assert completion.text == "Hel"


def test_a_stream_without_finished_is_no_answer(client: Client, script: Script) -> None:
    script.steps = (response(started(), text("Hel")),)
    with pytest.raises(StreamIncomplete):
        client.complete("hi").final()


def test_text_of_two_models_is_never_mixed(client: Client, script: Script) -> None:
    script.steps = (response(started(), text("one"), RESTART, text("two", attempt=2), finished()),)
    with pytest.raises(TextVoided, match="b/two"):
        list(client.complete("hi").text_deltas())
    assert client.complete("hi").final().text == "two"


def test_a_restart_before_the_first_text_is_no_matter(client: Client, script: Script) -> None:
    script.steps = (response(started(), RESTART, text("two", attempt=2), finished()),)
    assert list(client.complete("hi").text_deltas()) == ["two"]


def test_a_route_is_explained(client: Client, script: Script) -> None:
    assert client.route("hi").plan == ["openai/gpt-4o-mini"]
    assert MessageToDict(script.requests[0])["specification"]["messages"][0]["parts"] == [{"text": {"text": "hi"}}]


def test_feedback_by_id_and_by_request(client: Client, script: Script) -> None:
    assert client.record_feedback("cmp_1", 0.5).rating == 0.5
    client.record_feedback(RecordFeedbackRequest(decision_id="dec_1", rating=1))
    assert [request.WhichOneof("target") for request in script.requests] == ["completion_id", "decision_id"]


def test_usage_joins_its_pages(client: Client, script: Script) -> None:
    total = UsageRow(completions=3)
    script.usage = [
        UsageResponse(total=total, rows=[UsageRow(keys=["a"])], next_page_token="1", total_size=2),
        UsageResponse(total=total, rows=[UsageRow(keys=["b"])], total_size=2),
    ]
    report = client.usage()
    assert [list(row.keys) for row in report.rows] == [["a"], ["b"]]
    assert (report.total.completions, report.next_page_token) == (3, "")


def test_lists_page_by_themselves_and_lazily(client: Client, script: Script) -> None:
    script.models = [Model(id=f"p/{number}") for number in range(5)]
    request = ListModelsRequest(page_size=2, provider_id="p")
    models = client.list_models(request)
    assert next(models).id == "p/0"
    assert len(script.requests) == 1
    assert [model.id for model in models] == ["p/1", "p/2", "p/3", "p/4"]
    assert [asked.page_token for asked in script.requests] == ["", "2", "4"]
    assert {asked.provider_id for asked in script.requests} == {"p"}
    assert request.page_token == ""


def test_the_catalog_is_read(client: Client, script: Script) -> None:
    script.models, script.providers = [Model(id="p/m")], [Provider(id="p")]
    assert client.get_model("p/m").id == "p/m"
    assert client.get_provider("p").id == "p"
    assert [provider.id for provider in client.list_providers()] == ["p"]


def test_a_read_is_tried_again_while_the_server_is_unavailable(client: Client, script: Script) -> None:
    script.providers = [Provider(id="p")]
    script.refusals["GetProvider"] = [refusal(grpc.StatusCode.UNAVAILABLE, "SHUTTING_DOWN")] * 2
    assert client.get_provider("p").id == "p"
    assert len(script.requests) == 3


def test_so_is_a_question_who_one_is_but_nothing_that_the_server_knows_as_a_change(
    client: Client, script: Script
) -> None:
    script.refusals["WhoAmI"] = [refusal(grpc.StatusCode.UNAVAILABLE, "CREDENTIAL_UNVERIFIABLE")] * 2
    client.who_am_i()
    assert len(script.requests) == 3
    repeated = {f"{one['service'].rpartition('.')[2]}/{one['method']}" for one in REPEATED}
    assert repeated > {"TenantService/ListUsers", "CatalogService/GetModel", "RouterService/Usage"}
    assert [name for name in repeated if ACCESS[name].writes] == []


def test_a_write_is_not_tried_again(client: Client, script: Script) -> None:
    script.refusals["RecordFeedback"] = [refusal(grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")]
    with pytest.raises(Unavailable):
        client.record_feedback("cmp_1", 1)
    assert len(script.requests) == 1


def test_an_answer_above_grpcs_own_limit_arrives(client: Client, script: Script) -> None:
    script.steps = (response(started(), finished(message=assistant("x" * 5_000_000))),)
    assert len(client.complete_whole("hi").text) == 5_000_000


def test_the_address_comes_from_the_argument_then_the_environment_then_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert resolve(None) == "127.0.0.1:50051"
    monkeypatch.setenv("POINTSMAN_ADDRESS", "unix:/run/p")
    assert resolve(None) == "unix:/run/p"
    assert resolve("10.0.0.1:1") == "10.0.0.1:1"


@pytest.mark.parametrize(("address", "proxied"), [("127.0.0.1:50051", 0), ("localhost:1", 0), ("models.lan:1", 1)])
def test_loopback_is_never_reached_through_a_proxy(address: str, proxied: int) -> None:
    assert dict(options(target(address)))["grpc.enable_http_proxy"] == proxied
