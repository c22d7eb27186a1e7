"""``pointsman chat``: one question, or a conversation."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.asking import (
    Images,
    Labels,
    MaxTokens,
    Models,
    ProfileName,
    ProjectId,
    Providers,
    Purpose,
    System,
    TaskCode,
    Wishes,
    question,
    read_pictures,
)
from pointsman.cli.conversation import Conversation
from pointsman.cli.repl import Repl
from pointsman.cli.session import session_of


def chat(
    context: typer.Context,
    *,
    message: Annotated[str, typer.Argument(help="What to say. Without it: a conversation.")] = "",
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
    show_reasoning: Annotated[
        bool, typer.Option("--show-reasoning", help="Show what the model thinks, where it says.")
    ] = False,
) -> None:
    """Talk to a model. Shows the model, tokens, cost and time after each answer."""
    session = session_of(context)
    wishes = Wishes(models or (), providers or (), profile, purpose, system, max_tokens, labels or (), task, project)
    wishes.specification([])  # refuses a wrong option before the first question
    pictures = read_pictures(images)
    with session.client() as client:
        conversation = Conversation(client, session.terminal, wishes, show_reasoning=show_reasoning)
        if message:
            conversation.ask(question(message, pictures))
        else:
            Repl(session, client, conversation).run(pictures)
