"""From a request to its facts: numbers, flags and codes, never text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from google.protobuf.duration_pb2 import Duration
from pointsman.v1.completion_pb2 import REASONING_EFFORT_HIGH, CompletionSpecification, Hints
from pointsman.v1.completion_pb2 import Profile as WireProfile
from pointsman.v1.content_pb2 import Part
from pointsman.v1.model_pb2 import (
    CAPABILITY_AUDIO,
    CAPABILITY_DOCUMENTS,
    CAPABILITY_FUNCTION_CALLING,
    CAPABILITY_REASONING,
    CAPABILITY_STRUCTURED_OUTPUT,
    CAPABILITY_VISION,
    Capability,
)

from pointsman_server.router.model import Facts, Preferences, Profile
from pointsman_server.router.task_type import task_type_of
from pointsman_server.router.tokens import COUNTER, input_tokens

_PROFILES = {
    WireProfile.PROFILE_BALANCED: Profile.BALANCED,
    WireProfile.PROFILE_BEST: Profile.BEST,
    WireProfile.PROFILE_CHEAPEST: Profile.CHEAPEST,
    WireProfile.PROFILE_FASTEST: Profile.FASTEST,
    WireProfile.PROFILE_FREE_FIRST: Profile.FREE_FIRST,
}

_PART_CAPABILITIES = {
    "image": CAPABILITY_VISION,
    "audio": CAPABILITY_AUDIO,
    "document": CAPABILITY_DOCUMENTS,
    "tool_call": CAPABILITY_FUNCTION_CALLING,
    "tool_result": CAPABILITY_FUNCTION_CALLING,
}


def facts_of(specification: CompletionSpecification) -> Facts:
    """Summarises a valid specification; see ``tokens.input_tokens`` for the formulas of the token counts."""
    parts = list(_parts(specification))
    kinds = [part.WhichOneof("kind") for part in parts]
    tokens = input_tokens(specification)
    required = _required_capabilities(specification, kinds)
    return Facts(
        input_tokens_bound=tokens.bound,
        input_tokens_expected=tokens.expected,
        token_counter=COUNTER,
        max_output_tokens=specification.max_output_tokens if specification.HasField("max_output_tokens") else None,
        required_capabilities=required,
        preferences=_preferences(specification.hints),
        task_type=task_type_of(specification),
        purpose=specification.purpose,
        task_code=specification.task_code,
        run_id=specification.run_id,
        agent_id=specification.agent_id,
        project_id=specification.project_id,
        labels=dict(specification.labels),
        message_count=len(specification.messages),
        tool_count=len(specification.tools),
        image_count=kinds.count("image"),
        document_count=kinds.count("document"),
        audio_clip_count=kinds.count("audio"),
        remote_uri_count=sum(map(_is_remote, parts, kinds)),
        parameters=frozenset(_parameters(specification)),
        request_bytes=specification.ByteSize(),
        complex_reasoning=CAPABILITY_REASONING in required or specification.reasoning_effort == REASONING_EFFORT_HIGH,
    )


def _parts(specification: CompletionSpecification) -> Iterator[Part]:
    for message in specification.messages:
        for part in message.parts:
            yield part
            if part.HasField("tool_result"):
                yield from part.tool_result.parts


def _is_remote(part: Part, kind: str | None) -> bool:
    match kind:
        case "image":
            return part.image.HasField("uri")
        case "document":
            return part.document.HasField("uri")
        case _:
            return False


def _required_capabilities(
    specification: CompletionSpecification, kinds: Sequence[str | None]
) -> frozenset[Capability.ValueType]:
    required = set(specification.hints.required_capabilities)
    required.update(_PART_CAPABILITIES[kind] for kind in kinds if kind in _PART_CAPABILITIES)
    if specification.tools:
        required.add(CAPABILITY_FUNCTION_CALLING)
    if specification.output_format.HasField("json_schema"):
        required.add(CAPABILITY_STRUCTURED_OUTPUT)
    return frozenset(required)


def _parameters(specification: CompletionSpecification) -> Iterator[str]:
    yield from (field.name for field, _ in specification.sampling.ListFields())
    if specification.stop_sequences:
        yield "stop_sequences"
    if specification.HasField("seed"):
        yield "seed"
    if specification.HasField("tool_choice"):
        yield "tool_choice"
    if specification.HasField("output_format"):
        yield "output_format"
    if specification.reasoning_effort:
        yield "reasoning_effort"


def _preferences(hints: Hints) -> Preferences:
    return Preferences(
        pinned_models=tuple(hints.pinned_models),
        preferred_models=tuple(hints.preferred_models),
        pinned_providers=tuple(hints.pinned_providers),
        preferred_providers=tuple(hints.preferred_providers),
        max_cost_nanos=hints.max_cost_nanos if hints.HasField("max_cost_nanos") else None,
        max_latency_ms=_milliseconds(hints.max_latency) if hints.HasField("max_latency") else None,
        profile=_PROFILES.get(hints.profile),
        allow_fallback=hints.allow_fallback if hints.HasField("allow_fallback") else None,
        allow_clamping=hints.allow_clamping,
    )


def _milliseconds(duration: Duration) -> int:
    return duration.seconds * 1_000 + duration.nanos // 1_000_000
