"""Writes docs/configuration.md from the settings and the built-in provider files; ``--check`` only compares."""

import argparse
import sys
import typing
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pointsman_server.catalog.loader import built_in
from pointsman_server.catalog.model import Auth, AuthScheme
from pointsman_server.catalog.parameters import names
from pointsman_server.config import ALIASES, OTHER_VARIABLES, PREFIX, Settings
from pointsman_server.dollars import Nanos
from pointsman_server.issuer_settings import PREFIX as JWT_PREFIX
from pointsman_server.issuer_settings import TABLES, IssuerSettings

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"

INTRODUCTION = """\
# Configuration

<!-- Written by tools/write_settings_doc.py (`make generate`); change the code, not this page. -->

Settings are read once, at the start: from environment variables, then from a TOML file, then from defaults; the first
that says something wins. `POINTSMAN_CONFIG` names the file. Its keys are the settings' names:

```toml
grpc_address = "127.0.0.1:50051"
retries = 2
private_networks = ["10.1.0.0/16"]
```

A variable holds the same: lists with commas between, `true` or `false`, whole numbers, dollars such as `10.00` (in the
file in quotes). A wrong value or an unknown name stops the start and says where it stands. An address that other
machines reach needs TLS, or `insecure = true`.
"""


def rows(*table: tuple[str, ...]) -> Iterator[str]:
    """A table of Markdown; the first row is its head."""
    head, *body = table
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in body)
    yield ""


def code(value: object) -> str:
    """A value as one writes it in the environment."""
    if value is None or value in {"", ()}:
        return ""
    text = ",".join(value) if isinstance(value, tuple) else str(value)
    return f"`{text.lower() if isinstance(value, bool) else text}`"


def kind(annotation: object) -> str:
    """What a setting holds, in words."""
    names_of = {
        str: "text",
        int: "whole number",
        bool: "true or false",
        Path: "path",
        tuple[str, ...]: "list",
        Nanos: "dollars",
    }
    options = typing.get_args(annotation) if annotation not in names_of else (annotation,)
    return next(names_of[option] for option in options if option in names_of)


def settings() -> Iterator[str]:
    """The settings of the server."""
    hints = typing.get_type_hints(Settings)
    yield "## Settings"
    yield ""
    yield from rows(
        ("setting", "variable", "holds", "default", "meaning"),
        *(
            (
                f"`{field.name}`",
                f"`{PREFIX}{field.name.upper()}`",
                kind(hints[field.name]),
                code(field.default),
                field.metadata["doc"],
            )
            for field in fields(Settings)
            if field.name != TABLES
        ),
    )
    yield "Some settings are read from a variable of another name too. Ours wins where both are set; the other one wins"
    yield "over the file; a blank one counts as unset."
    yield ""
    yield from rows(
        ("variable", "setting", "read where this is not set"),
        *((f"`{alias}`", f"`{name}`", f"`{PREFIX}{name.upper()}`") for name, alias in ALIASES.items()),
    )
    yield "Variables with the same beginning that are no settings:"
    yield ""
    yield from rows(("variable", "meaning"), *((f"`{name}`", doc) for name, doc in OTHER_VARIABLES.items()))


def issuers() -> Iterator[str]:
    """The settings of one issuer of JWTs."""
    hints = typing.get_type_hints(IssuerSettings)
    yield "## Issuers of JWTs"
    yield ""
    yield f"Each issuer is a table `[[{TABLES}]]` of the file; one may be described by variables. `issuer`, `audience`"
    yield "and `jwks_url` must be set. [identity.md](identity.md#jwts) says what is checked."
    yield ""
    yield from rows(
        ("setting", "variable", "holds", "default", "meaning"),
        *(
            (
                f"`{field.name}`",
                f"`{JWT_PREFIX}{field.name.upper()}`",
                kind(hints[field.name]),
                code(field.default),
                field.metadata["doc"],
            )
            for field in fields(IssuerSettings)
        ),
    )


def providers() -> Iterator[str]:
    """The variables of the built-in providers."""
    yield "## Providers"
    yield ""
    yield (
        "A provider is used as soon as its key is in the environment, or, where it runs on this machine, as soon as it "
        "answers. "
        "[providers.md](providers.md) says how to change these rows and add others."
    )
    yield ""
    described: list[tuple[str, str, str, str]] = []
    for file in built_in():
        provider = file.provider
        name = provider["display_name"]
        auth = Auth(**provider.get("auth", {}))
        if auth.scheme is not AuthScheme.NONE:
            need = "needed" if auth.required else "where the server wants one"
            for place, key in enumerate(auth.environment):
                earlier = " or ".join(f"`{variable}`" for variable in auth.environment[:place])
                described.append(
                    (f"`{key}`", name, f"the key, unless {earlier} is set" if earlier else f"the key; {need}", "")
                )
        described += [
            (f"`{variable}`", name, meaning, code(default))
            for meaning, text in parameters(provider)
            for variable, default in names(text).items()
        ]
    yield from rows(("variable", "provider", "meaning", "default"), *described)


def parameters(provider: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The texts of a provider that may name variables, each with what its variables are for."""
    yield "where it is", provider["base_url"]
    for table in ("query", "paths"):
        yield "a part of its address", " ".join(provider.get(table, {}).values())
    yield "the model that goes first among its own", provider.get("default_model", "")
    yield "the tier of the account: free, pro, team or enterprise", provider.get("account_tier", "")


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *settings(), *issuers(), *providers()]).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the page is not current")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        print(f"{PAGE.name} is not current: run make generate")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
