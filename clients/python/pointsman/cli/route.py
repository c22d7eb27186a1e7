"""``pointsman route``: which model would serve, and why the others would not."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.cli.asking import (
    Images,
    Labels,
    MaxTokens,
    Models,
    ProfileName,
    ProjectId,
    PromptFile,
    Providers,
    Purpose,
    System,
    TaskCode,
    Wishes,
    question,
    read_pictures,
    read_prompt,
)
from pointsman.cli.decisions import show_decision
from pointsman.cli.session import session_of


def route(
    context: typer.Context,
    *,
    prompt: Annotated[str, typer.Argument(help="The prompt. Without it and --file: standard input.")] = "",
    file: PromptFile = "",
    models: Models = None,
    providers: Providers = None,
    profile: ProfileName = "",
    purpose: Purpose = "",
    task: TaskCode = "",
    project: ProjectId = "",
    system: System = "",
    max_tokens: MaxTokens = None,
    images: Images = None,
    labels: Labels = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the decision as JSON.")] = False,
) -> None:
    """Show the routing of a completion without running it. Exits with 1 where no model is eligible."""
    session = session_of(context)
    wishes = Wishes(models or (), providers or (), profile, purpose, system, max_tokens, labels or (), task, project)
    specification = wishes.specification([question(read_prompt(prompt, file), read_pictures(images))])
    with session.client() as client:
        decision = client.route(specification)
    if as_json:
        session.terminal.data(MessageToDict(decision))
    else:
        show_decision(session.terminal, decision)
    if not decision.plan:
        raise typer.Exit(1)
