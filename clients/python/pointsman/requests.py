"""What callers may pass where a request is wanted, and the generated message that it becomes."""

from __future__ import annotations

from collections.abc import Sequence

from pointsman.content import user
from pointsman.v1.completion_pb2 import DELIVERY_WHOLE, CompletionSpecification
from pointsman.v1.content_pb2 import Message
from pointsman.v1.router_service_pb2 import CompleteRequest, RecordFeedbackRequest, RouteRequest

Prompt = str | Message | Sequence[Message] | CompletionSpecification
"""A question, a message, a conversation, or the whole specification."""


def specification(prompt: Prompt) -> CompletionSpecification:
    """The specification that a prompt stands for."""
    if isinstance(prompt, CompletionSpecification):
        return prompt
    if isinstance(prompt, str):
        return CompletionSpecification(messages=[user(prompt)])
    if isinstance(prompt, Message):
        return CompletionSpecification(messages=[prompt])
    return CompletionSpecification(messages=prompt)


def complete_request(prompt: Prompt | CompleteRequest) -> CompleteRequest:
    """The request for a streamed completion; a request that is one already stays as it is."""
    if isinstance(prompt, CompleteRequest):
        return prompt
    return CompleteRequest(specification=specification(prompt))


def whole_request(prompt: Prompt | CompleteRequest) -> CompleteRequest:
    """The request for a completion in one response."""
    request = CompleteRequest()
    request.CopyFrom(complete_request(prompt))
    request.delivery = DELIVERY_WHOLE
    return request


def route_request(prompt: Prompt | RouteRequest) -> RouteRequest:
    """The request for a decision."""
    return prompt if isinstance(prompt, RouteRequest) else RouteRequest(specification=specification(prompt))


def feedback_request(target: str | RecordFeedbackRequest, rating: float | None) -> RecordFeedbackRequest:
    """The request that rates a completion, from its id and a rating from 0 to 1."""
    if isinstance(target, RecordFeedbackRequest):
        return target
    return RecordFeedbackRequest(completion_id=target, rating=rating)
