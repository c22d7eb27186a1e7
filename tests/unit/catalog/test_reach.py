import pytest
from pointsman_server.catalog.model import Access
from pointsman_server.catalog.reach import reach

NETWORKS = ("10.1.0.0/16",)
PRIVATE = "POINTSMAN_PRIVATE_NETWORKS"


@pytest.mark.parametrize(
    ("url", "declared", "local", "networks", "access", "obstacle"),
    [
        ("https://api.openai.com/v1", None, False, (), Access.PUBLIC, ""),
        ("https://api.openai.com/v1", Access.PUBLIC, False, NETWORKS, Access.PUBLIC, ""),
        ("http://api.openai.com/v1", None, False, (), Access.PUBLIC, "is not https"),
        ("http://127.0.0.1:8000/v1", None, False, (), Access.LOOPBACK, ""),
        ("http://localhost:8000/v1", Access.LOOPBACK, True, (), Access.LOOPBACK, ""),
        ("http://[::1]:8000/v1", None, True, (), Access.LOOPBACK, ""),
        ("http://10.1.2.3/v1", None, False, NETWORKS, Access.PRIVATE, ""),
        ("http://10.1.2.3/v1", None, False, (), Access.PRIVATE, PRIVATE),
        ("http://10.2.2.3/v1", None, False, NETWORKS, Access.PRIVATE, PRIVATE),
        ("http://gpu:8000/v1", Access.LOOPBACK, True, NETWORKS, Access.PRIVATE, ""),
        ("http://gpu:8000/v1", Access.LOOPBACK, True, (), Access.PRIVATE, PRIVATE),
        ("http://gpu:8000/v1", Access.PRIVATE, False, NETWORKS, Access.PRIVATE, ""),
        ("http://127.0.0.1:8000/v1", Access.PUBLIC, False, (), Access.PRIVATE, PRIVATE),
        ("https://8.8.8.8/v1", None, False, (), Access.PUBLIC, ""),
    ],
)
def test_the_address_and_the_file_say_what_may_be_reached(
    *, url: str, declared: Access | None, local: bool, networks: tuple[str, ...], access: Access, obstacle: str
) -> None:
    found = reach(url, declared, local=local, private_networks=networks)
    assert found.access is access
    assert obstacle in found.obstacle
    assert bool(found.obstacle) == bool(obstacle)
    assert found.private_hosts == (networks if access is Access.PRIVATE and not obstacle else ())
