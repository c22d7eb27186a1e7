"""docs/access.md is what services/access.py says."""

import runpy
import subprocess
import sys
from pathlib import Path

from pointsman_server.identity.model import Role
from pointsman_server.services.access import ACCESS, Access, Tenant

TOOL = Path(__file__).parents[3] / "tools" / "write_access_doc.py"
NAMES = runpy.run_path(str(TOOL))


def test_the_page_is_current() -> None:
    assert subprocess.run([sys.executable, TOOL, "--check"], check=False).returncode == 0


def test_every_method_has_its_line() -> None:
    lines = NAMES["page"]().splitlines()
    assert sum(line.startswith("| `") for line in lines) == len(ACCESS)


def test_a_line_says_who_may_call_and_whose_tenant_it_is() -> None:
    access = Access(frozenset({Role.AUDITOR}), Tenant.NAMED, writes=True, personal=True, all_tenants=True)
    assert NAMES["row"]("GetIt", access) == (
        "| `GetIt` | yes |  |  |  | yes | own; may be named | "
        "changes, personal, shows platform administrators all tenants |"
    )
    sign_up = Access(frozenset(), Tenant.NONE_YET, writes=True)
    assert NAMES["row"]("SignUp", sign_up) == "| `SignUp` |  |  |  |  |  | none yet: takes an access token | changes |"
