"""Writes docs/access.md from the table in services/access.py; ``--check`` only compares."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "server"), str(ROOT / "clients" / "python")]

from pointsman_server.identity.model import Role  # noqa: E402  # the path comes first
from pointsman_server.services.access import ACCESS, Access, Tenant  # noqa: E402

PAGE = ROOT / "docs" / "access.md"

INTRODUCTION = """\
# Who may call what

<!-- Written by tools/write_access_doc.py (`make generate`); change services/access.py, not this page. -->

Every call is checked against this table before its service sees it. A method without a row cannot be served: the server
does not start, and the build fails. Who has none of the roles gets `ROLE_REQUIRED`, whatever the request names.

A caller is always about its own **tenant**. Where the table says *may be named*, the request has a `tenant_id`, and a
platform administrator may set it to another tenant; anybody else who does gets `FOREIGN_TENANT`, in the same words
whether that tenant exists or not. *All* means what belongs to no tenant.

**Looks into other tenants are recorded.** A platform administrator who reads a tenant that is not its own leaves an
entry in the [audit log](audit.md) of that tenant before the answer leaves; one who reads *all tenants* leaves it in the
platform's. Where that cannot be recorded, the call is refused. Changes are recorded by themselves.

*Personal* methods show or change what is one user's: other users of the same tenant find nothing there, administrators
and (to read) auditors do.
"""

_TENANTS = {
    Tenant.OWN: "own",
    Tenant.NAMED: "own; may be named",
    Tenant.NAMED_OR_PLATFORM: "own; may be named, `platform` too",
    Tenant.PLATFORM: "all",
    Tenant.NONE_YET: "none yet: takes an access token",
}


def row(name: str, access: Access) -> str:
    """One line of a table."""
    roles = ["yes" if role in {*access.roles, Role.PLATFORM_ADMIN} else "" for role in Role]
    if access.tenant is Tenant.NONE_YET:
        roles = ["" for _ in Role]
    marks = [word for word, holds in (("changes", access.writes), ("personal", access.personal)) if holds]
    if access.all_tenants:
        marks.append("shows platform administrators all tenants")
    return " | ".join(["", f"`{name}`", *roles, _TENANTS[access.tenant], ", ".join(marks), ""]).strip()


def page() -> str:
    """The whole page."""
    lines = [INTRODUCTION]
    for service in dict.fromkeys(name.partition("/")[0] for name in ACCESS):
        head = ["Method", *(role.value.replace("_", " ") for role in Role), "tenant", "what it does"]
        lines += [f"## {service}", "", f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
        rows = ((name.partition("/"), access) for name, access in ACCESS.items())
        lines += [row(method, access) for (owner, _, method), access in rows if owner == service]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the page is not current")
    wanted = page()
    if not parser.parse_args().check:
        PAGE.write_text(wanted, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != wanted:
        print(f"{PAGE.name} is not current: run make generate")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
