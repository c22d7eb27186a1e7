"""A task that an operator makes can be named by calls; one that nobody made cannot."""

import asyncio
from pathlib import Path

from pointsman.v1.completion_pb2 import CompletionSpecification
from pointsman.v1.content_pb2 import ROLE_USER, Message, Part, TextPart
from pointsman.v1.plan_pb2 import Task
from pointsman.v1.router_service_pb2 import RouteRequest
from pointsman.v1.tenant_service_pb2 import CreateTaskRequest
from pointsman_server.identity.model import LOCAL_ADMIN

from tests.access.world import World, world


def asking(task_code: str) -> RouteRequest:
    question = Message(role=ROLE_USER, parts=[Part(text=TextPart(text="hello"))])
    return RouteRequest(specification=CompletionSpecification(messages=[question], task_code=task_code))


async def reason(served: World, task_code: str) -> str:
    return (await served.call(LOCAL_ADMIN, "RouterService/Route", asking(task_code))).reason


async def test_calls_name_the_tasks_that_there_are(tmp_path: Path) -> None:
    async with world(tmp_path) as served:
        assert await reason(served, "WRITING") == "POLICY_REFUSED"
        made = CreateTaskRequest(task=Task(task_code="WRITING", feature_id="PATENT_DRAFTING", display_name="Write"))
        assert (await served.call(LOCAL_ADMIN, "TenantService/CreateTask", made)).error is None
        for _ in range(100):
            if not await reason(served, "WRITING"):
                break
            await asyncio.sleep(0.05)
        assert await reason(served, "WRITING") == ""
        assert await reason(served, "WRITNG") == "POLICY_REFUSED"
