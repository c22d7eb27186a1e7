"""What a call would be, as policy reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pointsman.v1 import policy_service_pb2 as pb

from pointsman_server.policy.rules.max_messages import MAX_MESSAGES


@dataclass(frozen=True, slots=True)
class ProposedCall:
    """Implements ``policy.model.CallFacts``."""

    task_code: str = ""
    purpose: str = ""
    project_id: str = ""
    run_id: str = ""
    agent_id: str = ""
    whole_input_tokens: int | None = None
    max_output_tokens: int | None = None
    request_bytes: int | None = None
    message_count: int = 0
    image_count: int = 0
    document_count: int = 0
    tool_count: int = 0
    amounts: Mapping[str, int] = field(default_factory=dict)


def read_facts(message: pb.CallFacts) -> ProposedCall:
    """The call that a sound message describes."""
    return ProposedCall(
        task_code=message.task_code,
        purpose=message.purpose,
        project_id=message.project_id,
        run_id=message.run_id,
        agent_id=message.agent_id,
        whole_input_tokens=message.input_tokens if message.HasField("input_tokens") else None,
        max_output_tokens=message.max_output_tokens if message.HasField("max_output_tokens") else None,
        request_bytes=message.request_bytes if message.HasField("request_bytes") else None,
        message_count=message.amounts.get(MAX_MESSAGES.key, 0),
        image_count=message.image_count,
        document_count=message.document_count,
        tool_count=message.tool_count,
        amounts=dict(message.amounts),
    )
