"""A server whose database is PostgreSQL."""

from collections.abc import Callable
from pathlib import Path

from pointsman.v1.router_service_pb2 import FeedbackType, RecordFeedbackRequest, UsageRequest
from pointsman.v1.router_service_pb2_grpc import RouterServiceStub

from tests.e2e.processes import Server, run, server_settings
from tests.e2e.requests import CALL_SECONDS, asking, collected


def test_a_server_completes_reports_and_takes_feedback_on_postgresql(
    serve: Callable[..., Server], router: Callable[[Server], RouterServiceStub], postgres_url: str
) -> None:
    server = serve(POINTSMAN_DATABASE_URL=postgres_url)
    stub = router(server)
    answer = collected(stub.Complete(asking("Say something."), timeout=CALL_SECONDS))
    completion_id = answer.started.completion_id
    feedback = stub.RecordFeedback(
        RecordFeedbackRequest(completion_id=completion_id, type=FeedbackType.FEEDBACK_TYPE_EXPLICIT, rating=0.9),
        timeout=CALL_SECONDS,
    )
    usage = stub.Usage(UsageRequest(), timeout=CALL_SECONDS)

    assert answer.text
    assert feedback.feedback.completion_id == completion_id
    assert (usage.total.completions, usage.total.attempts) == (1, 1)
    assert not (server.data_dir / "pointsman.db").exists()


def test_migrate_names_the_database_without_its_password(postgres_url: str, tmp_path: Path) -> None:
    url = postgres_url.replace("postgres@", "postgres:hunter2@")
    done = run(
        "-m", "pointsman_server", "migrate", directory=tmp_path, **server_settings(tmp_path, POINTSMAN_DATABASE_URL=url)
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("PostgreSQL (host ")
    assert "dbname reused) is at revision " in done.stdout
    assert "hunter2" not in done.stdout
