"""The HTTP side as curl meets it."""

import httpx
import pytest

from tests.e2e.processes import Server

QUESTION = {"specification": {"messages": [{"role": "ROLE_USER", "parts": [{"text": {"text": "hello"}}]}]}}


def post(server: Server, method: str, document: object, **headers: str) -> httpx.Response:
    url = f"http://{server.http_address}/pointsman.v1.{method}"
    return httpx.post(url, json=document, headers=server.headers | headers, timeout=30)


def test_route_answers_as_json(server: Server) -> None:
    response = post(server, "RouterService/Route", QUESTION)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json()["decision"]["plan"]


def test_an_error_names_its_reason_and_the_field(server: Server) -> None:
    response = post(server, "RouterService/Route", {"specification": {"messages": []}})
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_argument"
    assert "specification.messages" in response.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"host": "attacker.example"}, 403), ({"content-type": "text/plain"}, 415)],
    ids=["rebound name", "a form's content type"],
)
def test_a_page_of_another_site_cannot_call(server: Server, headers: dict[str, str], status: int) -> None:
    assert post(server, "RouterService/Route", QUESTION, **headers).status_code == status
