"""What the commands of administrators have in common: their options, and how changes are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from pointsman.cli.names import choose, name_of, names
from pointsman.v1.principal_pb2 import PrincipalRole
from pointsman.v1.tenant_service_pb2 import CredentialState

PAGE_SIZE = 1_000

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
TenantId = Annotated[
    str, typer.Option("--tenant", metavar="ID", help="Another tenant than one's own; for platform administrators.")
]
DisplayName = Annotated[str | None, typer.Option("--name", metavar="NAME", help="What people call it.")]
Roles = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="|".join(names(PrincipalRole)), help="What it may do; may be repeated."),
]
Expires = Annotated[
    str, typer.Option("--expires", metavar="TIME", help="Until when it is valid: a day, a time, or 30d from now.")
]
State = Annotated[
    str, typer.Option("--state", metavar="|".join(names(CredentialState)), help="Only those in this state.")
]


def changed(fields: Mapping[str, object]) -> list[str]:
    """The fields that were given.

    Args:
        fields: by the contract's names; ``None``: not given.

    Raises:
        typer.BadParameter: none was.
    """
    paths = [path for path, value in fields.items() if value is not None]
    if not paths:
        raise typer.BadParameter("say what to change; --help lists it")
    return paths


def roles_of(typed: Sequence[str] | None) -> list[PrincipalRole.ValueType]:
    """The roles that a person means."""
    return [choose(PrincipalRole, role, "--role") for role in typed or ()]


def role_names(roles: Sequence[PrincipalRole.ValueType]) -> str:
    """Roles as people read them."""
    return ", ".join(name_of(PrincipalRole, role) for role in roles)
