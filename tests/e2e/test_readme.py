"""The README's examples, as they stand there."""

import json
import re
from pathlib import Path

import httpx

from tests.e2e.processes import Server, run

README = (Path(__file__).parent.parent.parent / "README.md").read_text("utf-8")
BODIES = [json.loads(body) for body in re.findall(r"-d '(\{.*\})'", README)]


def test_the_python_example_runs(server: Server, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    found = run("-c", example, directory=tmp_path, POINTSMAN_ADDRESS=server.grpc_address, POINTSMAN_TOKEN=server.token)
    assert found.returncode == 0, found.stderr
    assert re.search(r"Why is the sky blue\?.*\nsandbox/\w+: 0\.\d{6} dollars\n$", found.stdout, re.DOTALL)


def test_the_bodies_of_grpcurl_and_curl_are_understood(server: Server) -> None:
    assert len(BODIES) == 2
    for body in BODIES:
        url = f"http://{server.http_address}/pointsman.v1.RouterService/Route"
        response = httpx.post(url, json=body, headers=server.headers, timeout=30)
        assert response.status_code == 200, response.text
        assert response.json()["decision"]["plan"]
