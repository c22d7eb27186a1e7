"""What an answer goes through, with a model that moderates behind a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from pointsman.v1.completion_pb2 import CompletionEvent, ReasoningDelta, TextDelta, ToolCallDelta
from pointsman.v1.content_pb2 import OpaqueState
from pointsman.v1.model_pb2 import ProviderState
from pointsman_server.adapters.transport import Transport
from pointsman_server.catalog.catalog import Catalog
from pointsman_server.catalog.model import Access, Auth, AuthScheme, Provider, ProviderStatus
from pointsman_server.catalog.snapshot import build
from pointsman_server.execution.answer_guard import BLOCK_CHARACTERS, AnswerGuard
from pointsman_server.execution.moderation import PIECE_CHARACTERS, ModerationSettings, Moderator
from pointsman_server.policy.checks.masking import ReadyCheck
from pointsman_server.policy.checks.model import CheckOrder, Refused
from pointsman_server.policy.checks.table import CHECKS, loaded
from pointsman_server.policy.rule import Action
from pointsman_server.sandbox import Sandbox
from pointsman_server.secrets.environment import EnvironmentKeys

STATE = OpaqueState(dialect="anthropic", data=b"signature")
MakeGuard = Callable[..., AnswerGuard]


@pytest.fixture
async def moderator() -> AsyncIterator[Moderator]:
    async with Sandbox(burst=True) as sandbox:
        auth = Auth(scheme=AuthScheme.NONE, required=False)
        provider = Provider("p", "P", "openai", sandbox.base_url, auth=auth, access=Access.LOOPBACK)
        status = ProviderStatus(ProviderState.PROVIDER_STATE_ACTIVE)
        transport = Transport(private_networks=())
        yield Moderator(
            ModerationSettings("p", "omni-moderation-latest", timeout_ms=2_000),
            transport=transport,
            keys=EnvironmentKeys({}),
            catalog=Catalog(build([provider], {"p": status}, [])),
        )
        await transport.close()


@pytest.fixture
def make_guard(moderator: Moderator) -> MakeGuard:
    def make(action: Action, *, asks: bool = True) -> AnswerGuard:
        personal = loaded("check_personal_data")
        assert personal is not None
        ready = [ReadyCheck(CheckOrder("check_personal_data", {"email": action}), personal)]
        asked = CheckOrder("check_moderation", dict.fromkeys(CHECKS["check_moderation"].kinds, action))
        return AnswerGuard(ready, asked if asks else None, moderator, window=256)

    return make


def said(text: str, part: int = 0) -> CompletionEvent:
    return CompletionEvent(part_index=part, text_delta=TextDelta(text=text))


async def test_much_at_once_is_looked_at_whole(make_guard: MakeGuard) -> None:
    guard = make_guard(Action.MASK, asks=False)
    out = [*await guard.feed([said("word " * 8_000 + "a@example.com" + " word" * 8_000)]), *await guard.close()]
    assert "".join(event.text_delta.text for event in out) == "word " * 8_000 + "[EMAIL]" + " word" * 8_000


async def test_thoughts_and_calls_are_moderated_as_texts_are(make_guard: MakeGuard) -> None:
    guard = make_guard(Action.MASK)
    thought = ReasoningDelta(text="I think [[flag: hate]]", opaque_state=STATE)
    call = ToolCallDelta(id="c", name="do", arguments_json='{"how": "[[flag: violence]]"}')
    harmless = ToolCallDelta(id="d", name="do", arguments_json='{"how": "well"}')
    silent = ReasoningDelta(opaque_state=STATE)
    events = [
        CompletionEvent(part_index=3, tool_call_delta=harmless),
        CompletionEvent(part_index=2, tool_call_delta=call),
        said("fine", part=1),
        CompletionEvent(part_index=0, reasoning_delta=thought),
        CompletionEvent(part_index=4, reasoning_delta=silent),
    ]
    assert await guard.feed(events) == []
    call.arguments_json = "{}"
    assert await guard.close() == [
        CompletionEvent(part_index=0, reasoning_delta=ReasoningDelta(text="[HATE]")),
        said("fine", part=1),
        CompletionEvent(part_index=2, tool_call_delta=call),
        CompletionEvent(part_index=3, tool_call_delta=harmless),
        CompletionEvent(part_index=4, reasoning_delta=silent),
    ]
    assert {found.kind: count for found, count in guard.counts.items()} == {"hate": 1, "violence": 1}


async def test_texts_are_moderated_in_blocks_whose_rest_comes_last(make_guard: MakeGuard) -> None:
    guard = make_guard(Action.WARN)
    text = "harmless " * 400
    out = [event for at in range(0, len(text), 100) for event in await guard.feed([said(text[at : at + 100])])]
    assert {len(event.text_delta.text) for event in out} == {BLOCK_CHARACTERS}
    rest = await guard.close()
    assert "".join(event.text_delta.text for event in [*out, *rest]) == text


async def test_a_text_that_ends_with_its_block_has_no_rest(make_guard: MakeGuard) -> None:
    guard = make_guard(Action.REFUSE)
    assert await guard.feed([]) == []
    assert await guard.close() == []


async def test_a_long_text_is_asked_about_in_pieces(moderator: Moderator) -> None:
    long = "x" * PIECE_CHARACTERS * 40 + "[[flag: hate, unheard-of]]"
    assert await moderator.kinds(["", long, "[[flag: sexual]]"]) == [
        frozenset(),
        frozenset({"hate", "other"}),
        frozenset({"sexual"}),
    ]


async def test_what_is_refused_is_refused_before_the_model_is_asked(make_guard: MakeGuard) -> None:
    guard = make_guard(Action.REFUSE)
    await guard.feed([said("a@example.com [[flag: hate]]")])
    with pytest.raises(Refused) as refused:
        await guard.close()
    assert (refused.value.check, refused.value.kinds) == ("check_personal_data", ("email",))
