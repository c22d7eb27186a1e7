"""Writes docs/errors.md from the comments of error_reason.proto; ``--check`` only compares."""

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROTO = ROOT / "protos" / "pointsman" / "v1" / "error_reason.proto"
PAGE = ROOT / "docs" / "errors.md"

INTRODUCTION = """\
# Errors

<!-- Written by tools/write_errors_doc.py (`make generate`); change error_reason.proto, not this page. -->

An error is a gRPC status with details: `google.rpc.ErrorInfo` (domain `pointsman`, one of the reasons below, and
metadata that always has `request_id`), and where a program can act on them `BadRequest`, `PreconditionFailure`,
`RetryInfo` and `pointsman.v1.CompletionFailure`. gRPC carries the details in the trailer `grpc-status-details-bin`;
over HTTP they stand in the JSON body, as [api.md](api.md) shows. Decide by the reason: messages are for people.

A status has at most 4 KB. What is too much is left out in this order: entries beyond ten in each list; entries of the
longest list, last first; metadata except `request_id` and `decision_id`. Metadata then says how many there are in
`field_violations_total`, `precondition_violations_total` or `attempts_total`.
"""

_VALUE = re.compile(r"((?:^  // .*\n)+)  ERROR_REASON_(\w+) = [1-9]\d*;", re.MULTILINE)
_COMMENT = re.compile(r"(?P<status>[A-Z_]+)\. (?P<when>.+) Example: (?P<example>.+) Cure: (?P<cure>.+)")


@dataclass(frozen=True)
class Reason:
    """One reason: its status, when it happens, an example and the cure."""

    name: str
    status: str
    when: str
    example: str
    cure: str


def reasons(proto: str) -> Iterator[Reason]:
    """The documented reasons.

    Raises:
        ValueError: a comment lacks its status, example or cure.
    """
    for comment, name in _VALUE.findall(proto):
        text = " ".join(line.removeprefix("  // ") for line in comment.splitlines())
        parts = _COMMENT.fullmatch(text)
        if parts is None:
            raise ValueError(f"ERROR_REASON_{name}: say STATUS. When. Example: … Cure: …")
        yield Reason(name, **parts.groupdict())


def page(proto: str) -> str:
    """The whole page."""
    lines = [INTRODUCTION]
    for reason in reasons(proto):
        lines += [
            f"## {reason.name}",
            "",
            f"`{reason.status}`. {reason.when}",
            "",
            f"- Example: {reason.example}",
            f"- Cure: {reason.cure}",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the page is not current")
    wanted = page(PROTO.read_text(encoding="utf-8"))
    if not parser.parse_args().check:
        PAGE.write_text(wanted, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != wanted:
        print(f"{PAGE.name} is not current: run make generate")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
