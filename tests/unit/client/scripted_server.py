"""A real gRPC server on a Unix socket that answers from a script: the fake of these tests, at the socket."""

# ruff: noqa: N802  # the methods have the names of the contract

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf import descriptor_pool
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure, QuotaFailure, RetryInfo
from google.rpc.status_pb2 import Status
from pointsman.v1 import budget_service_pb2 as pb
from pointsman.v1.budget_service_pb2_grpc import BudgetServiceServicer, add_BudgetServiceServicer_to_server
from pointsman.v1.catalog_service_pb2 import (
    GetModelRequest,
    GetModelResponse,
    GetProviderRequest,
    GetProviderResponse,
    ListModelsRequest,
    ListModelsResponse,
    ListProvidersRequest,
    ListProvidersResponse,
)
from pointsman.v1.catalog_service_pb2_grpc import CatalogServiceServicer, add_CatalogServiceServicer_to_server
from pointsman.v1.completion_pb2 import (
    FINISH_REASON_STOP,
    CompletionEvent,
    Finished,
    Started,
    TextDelta,
)
from pointsman.v1.decision_pb2 import Decision, DecisionSummary
from pointsman.v1.model_pb2 import Model, Provider
from pointsman.v1.router_service_pb2 import (
    FEEDBACK_TYPE_EXPLICIT,
    FEEDBACK_TYPE_IMPLICIT,
    CompleteRequest,
    CompleteResponse,
    Feedback,
    RecordFeedbackRequest,
    RecordFeedbackResponse,
    ResumeRequest,
    ResumeResponse,
    RouteRequest,
    RouteResponse,
    UsageRequest,
    UsageResponse,
)
from pointsman.v1.router_service_pb2_grpc import RouterServiceServicer, add_RouterServiceServicer_to_server
from pointsman.v1.usage_pb2 import TokenUsage

Context = grpc.aio.ServicerContext
Row = TypeVar("Row")


@dataclass(frozen=True)
class Refusal:
    """A status that ends a call, with its details."""

    code: grpc.StatusCode
    message: str = "refused"
    details: tuple[Message, ...] = ()
    trailers: tuple[tuple[str, str | bytes], ...] = ()

    async def abort(self, context: Context) -> None:
        status = Status(code=self.code.value[0], message=self.message)
        for detail in self.details:
            status.details.add().Pack(detail)
        trailers = self.trailers
        if self.details:
            trailers += (("grpc-status-details-bin", status.SerializeToString()),)
        context.set_trailing_metadata(trailers)
        await context.abort(self.code, self.message)


class Hold:
    """Holds a stream until the caller goes away."""

    def __init__(self) -> None:
        self.reached = threading.Event()


Step = CompleteResponse | Refusal | Hold


def refusal(
    code: grpc.StatusCode,
    reason: str,
    message: str = "refused",
    *,
    metadata: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    preconditions: tuple[tuple[str, str, str], ...] = (),
    quotas: Mapping[str, str] | None = None,
    retry_after: timedelta | None = None,
    failure: Message | None = None,
) -> Refusal:
    """A refusal as the server writes it."""
    details: list[Message] = [ErrorInfo(reason=reason, domain="pointsman", metadata=metadata)]
    if fields:
        violations = [BadRequest.FieldViolation(field=path, description=text) for path, text in fields.items()]
        details.append(BadRequest(field_violations=violations))
    if preconditions:
        details.append(
            PreconditionFailure(
                violations=[
                    PreconditionFailure.Violation(type=kind, subject=subject, description=text)
                    for kind, subject, text in preconditions
                ]
            )
        )
    if quotas:
        short = [QuotaFailure.Violation(subject=subject, description=text) for subject, text in quotas.items()]
        details.append(QuotaFailure(violations=short))
    if retry_after is not None:
        delay = Duration()
        delay.FromTimedelta(retry_after)
        details.append(RetryInfo(retry_delay=delay))
    if failure is not None:
        details.append(failure)
    return Refusal(code, message, tuple(details))


def response(*events: CompletionEvent, first: int = 0) -> CompleteResponse:
    """Events that travel together."""
    return CompleteResponse(first_sequence=first, events=events)


def text(delta: str, part_index: int = 0, attempt: int = 1) -> CompletionEvent:
    """A text delta."""
    return CompletionEvent(attempt=attempt, part_index=part_index, text_delta=TextDelta(text=delta))


def started(completion_id: str = "cmp_1", model_id: str = "openai/gpt-4o-mini") -> CompletionEvent:
    """The beginning."""
    decision = DecisionSummary(decision_id="dec_1", model_id=model_id, provider_id=model_id.split("/", maxsplit=1)[0])
    return CompletionEvent(attempt=1, started=Started(completion_id=completion_id, decision=decision))


def finished(**fields: object) -> CompletionEvent:
    """The end: 12 tokens in, 34 out, 123 micro-dollars, 1.25 s, first token after 340 ms."""
    end = Finished(
        finish_reason=FINISH_REASON_STOP,
        usage=TokenUsage(input_tokens=12, output_tokens=34),
        cost_nanos=123_000,
        latency=Duration(seconds=1, nanos=250_000_000),
        time_to_first_token=Duration(nanos=340_000_000),
        model_id="openai/gpt-4o-mini",
    )
    end.MergeFrom(Finished(**fields))  # type: ignore[arg-type]
    return CompletionEvent(attempt=1, finished=end)


HELLO = (response(started(), text("Hel")), response(text("lo"), text("!"), first=2), response(finished(), first=4))


@dataclass
class Script:
    """What the server answers, and what it was asked."""

    steps: tuple[Step, ...] = HELLO
    refusals: dict[str, list[Refusal]] = field(default_factory=dict)
    decision: Decision = field(default_factory=lambda: Decision(decision_id="dec_1", plan=["openai/gpt-4o-mini"]))
    providers: list[Provider] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    budgets: list[pb.Budget] = field(default_factory=list)
    findings: list[pb.VerifyLedgerResponse] = field(default_factory=list)
    compared: pb.CompareUsageResponse = field(default_factory=pb.CompareUsageResponse)
    usage: list[UsageResponse] = field(default_factory=lambda: [UsageResponse()])
    requests: list[Message] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    deadlines: list[float | None] = field(default_factory=list)
    authorizations: list[str | bytes] = field(default_factory=list)
    answers: dict[str, list[Message]] = field(default_factory=dict)
    """What the other services answer, by method; streams answer with all of them, and what is missing is empty."""

    async def heard(self, method: str, request: Message, context: Context) -> None:
        self.requests.append(request)
        self.deadlines.append(context.time_remaining())
        self.authorizations.append(dict(context.invocation_metadata() or ()).get("authorization", ""))
        if planned := self.refusals.get(method):
            await planned.pop(0).abort(context)


class _Router(RouterServiceServicer):
    def __init__(self, script: Script) -> None:
        self._script = script

    async def Route(self, request: RouteRequest, context: Context) -> RouteResponse:
        await self._script.heard("Route", request, context)
        return RouteResponse(decision=self._script.decision)

    async def Complete(self, request: CompleteRequest, context: Context) -> AsyncIterator[CompleteResponse]:
        await self._script.heard("Complete", request, context)
        try:
            for step in self._script.steps:
                match step:
                    case Refusal():
                        await step.abort(context)
                    case Hold():
                        step.reached.set()
                        await asyncio.Event().wait()
                    case _:
                        yield step
        except (asyncio.CancelledError, GeneratorExit):
            # The second where the call ends while a write waits: grpc then drops the generator.
            self._script.cancelled.set()
            raise

    async def RecordFeedback(self, request: RecordFeedbackRequest, context: Context) -> RecordFeedbackResponse:
        await self._script.heard("RecordFeedback", request, context)
        feedback = Feedback(
            feedback_id="fbk_06bjr3vq5d8h2k9m4x7t1c6wne",
            decision_id=request.decision_id or "dec_1",
            completion_id=request.completion_id,
            model_id="openai/gpt-4o-mini",
            type=request.type or (FEEDBACK_TYPE_IMPLICIT if request.signal else FEEDBACK_TYPE_EXPLICIT),
            rating=request.rating,
            signal=request.signal,
        )
        return RecordFeedbackResponse(feedback=feedback)

    async def Usage(self, request: UsageRequest, context: Context) -> UsageResponse:
        await self._script.heard("Usage", request, context)
        return self._script.usage[int(request.page_token or 0)]

    async def Resume(self, request: ResumeRequest, context: Context) -> AsyncIterator[ResumeResponse]:
        await self._script.heard("Resume", request, context)
        yield ResumeResponse()


class _Catalog(CatalogServiceServicer):
    def __init__(self, script: Script) -> None:
        self._script = script

    async def GetProvider(self, request: GetProviderRequest, context: Context) -> GetProviderResponse:
        await self._script.heard("GetProvider", request, context)
        return GetProviderResponse(provider=next(p for p in self._script.providers if p.id == request.provider_id))

    async def ListProviders(self, request: ListProvidersRequest, context: Context) -> ListProvidersResponse:
        await self._script.heard("ListProviders", request, context)
        page, token = _page(self._script.providers, request)
        return ListProvidersResponse(providers=page, next_page_token=token, total_size=len(self._script.providers))

    async def GetModel(self, request: GetModelRequest, context: Context) -> GetModelResponse:
        await self._script.heard("GetModel", request, context)
        return GetModelResponse(model=next(m for m in self._script.models if m.id == request.model_id))

    async def ListModels(self, request: ListModelsRequest, context: Context) -> ListModelsResponse:
        await self._script.heard("ListModels", request, context)
        page, token = _page(self._script.models, request)
        return ListModelsResponse(models=page, next_page_token=token, total_size=len(self._script.models))


class _Budgets(BudgetServiceServicer):
    def __init__(self, script: Script) -> None:
        self._script = script

    async def CreateBudget(self, request: pb.CreateBudgetRequest, context: Context) -> pb.CreateBudgetResponse:
        await self._script.heard("CreateBudget", request, context)
        return pb.CreateBudgetResponse(budget=self._named(request.budget, "bud_06bjr3w0a4e8g2j6n1r5v9x3zk"))

    async def GetBudget(self, request: pb.GetBudgetRequest, context: Context) -> pb.GetBudgetResponse:
        await self._script.heard("GetBudget", request, context)
        return pb.GetBudgetResponse(budget=next(b for b in self._script.budgets if b.budget_id == request.budget_id))

    async def ListBudgets(self, request: pb.ListBudgetsRequest, context: Context) -> pb.ListBudgetsResponse:
        await self._script.heard("ListBudgets", request, context)
        page, token = _page(self._script.budgets, request)
        return pb.ListBudgetsResponse(budgets=page, next_page_token=token, total_size=len(self._script.budgets))

    async def UpdateBudget(self, request: pb.UpdateBudgetRequest, context: Context) -> pb.UpdateBudgetResponse:
        await self._script.heard("UpdateBudget", request, context)
        budget = next(b for b in self._script.budgets if b.budget_id == request.budget.budget_id)
        request.update_mask.MergeMessage(request.budget, budget)
        budget.state.remaining = budget.limit - budget.state.posted - budget.state.reserved
        return pb.UpdateBudgetResponse(budget=budget)

    async def DeleteBudget(self, request: pb.DeleteBudgetRequest, context: Context) -> pb.DeleteBudgetResponse:
        await self._script.heard("DeleteBudget", request, context)
        return pb.DeleteBudgetResponse()

    async def ResolveUnknown(self, request: pb.ResolveUnknownRequest, context: Context) -> pb.ResolveUnknownResponse:
        await self._script.heard("ResolveUnknown", request, context)
        return pb.ResolveUnknownResponse()

    async def CompareUsage(self, request: pb.CompareUsageRequest, context: Context) -> pb.CompareUsageResponse:
        await self._script.heard("CompareUsage", request, context)
        return self._script.compared

    async def VerifyLedger(
        self, request: pb.VerifyLedgerRequest, context: Context
    ) -> AsyncIterator[pb.VerifyLedgerResponse]:
        await self._script.heard("VerifyLedger", request, context)
        for finding in self._script.findings:
            yield finding

    async def PullKillSwitch(self, request: pb.PullKillSwitchRequest, context: Context) -> Any:
        return await self._answer("PullKillSwitch", request, context)

    async def ReleaseKillSwitch(self, request: pb.ReleaseKillSwitchRequest, context: Context) -> Any:
        return await self._answer("ReleaseKillSwitch", request, context)

    async def ListKillSwitches(self, request: pb.ListKillSwitchesRequest, context: Context) -> Any:
        return await self._answer("ListKillSwitches", request, context)

    async def _answer(self, method: str, request: Message, context: Context) -> Message:
        await self._script.heard(method, request, context)
        return self._script.answers[method].pop(0)

    def _named(self, budget: pb.Budget, budget_id: str) -> pb.Budget:
        made = pb.Budget(budget_id=budget_id, state=pb.BudgetState(remaining=budget.limit))
        made.MergeFrom(budget)
        return made


class _Others(grpc.GenericRpcHandler):
    """Every other service of the contract, from its descriptors."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Message, Message] | None:
        service, name = handler_call_details.method.removeprefix("/").split("/")
        method = descriptor_pool.Default().FindServiceByName(service).FindMethodByName(name)
        taken, given = GetMessageClass(method.input_type), GetMessageClass(method.output_type)

        async def once(request: Message, context: Context) -> Message:
            await self._script.heard(name, request, context)
            answers = self._script.answers.get(name)
            return answers.pop(0) if answers else given()

        async def pieces(request: Message, context: Context) -> AsyncIterator[Message]:
            await self._script.heard(name, request, context)
            for answer in self._script.answers.get(name, ()):
                yield answer

        kind = grpc.unary_stream_rpc_method_handler if method.server_streaming else grpc.unary_unary_rpc_method_handler
        return kind(pieces if method.server_streaming else once, taken.FromString, given.SerializeToString)


def _page(
    rows: list[Row], request: ListModelsRequest | ListProvidersRequest | pb.ListBudgetsRequest
) -> tuple[list[Row], str]:
    start = int(request.page_token or 0)
    end = start + (request.page_size or 100)
    return rows[start:end], str(end) if end < len(rows) else ""


@asynccontextmanager
async def serving(script: Script, socket: Path) -> AsyncIterator[str]:
    """Serves the script on the running loop; gives the address."""
    server = grpc.aio.server()
    add_RouterServiceServicer_to_server(_Router(script), server)
    add_CatalogServiceServicer_to_server(_Catalog(script), server)
    add_BudgetServiceServicer_to_server(_Budgets(script), server)
    server.add_generic_rpc_handlers((_Others(script),))
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    try:
        yield f"unix:{socket}"
    finally:
        await server.stop(grace=None)


@contextmanager
def serving_in_thread(script: Script, socket: Path) -> Iterator[str]:
    """Serves the script on a loop in a thread of its own, for callers that block."""
    ready, done = threading.Event(), threading.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with serving(script, socket):
            ready.set()
            await asyncio.to_thread(done.wait)

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run, name="scripted-server")
    thread.start()
    try:
        if not ready.wait(10):
            raise TimeoutError("the scripted server did not start")
        yield f"unix:{socket}"
    finally:
        done.set()
        thread.join(10)
