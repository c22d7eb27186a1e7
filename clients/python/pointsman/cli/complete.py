"""``pointsman complete``: one completion, for scripts and pipes."""

from __future__ import annotations

from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from pointsman.assembly import Answer
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
    SchemaFile,
    System,
    TaskCode,
    ToolsFile,
    Wishes,
    output_format,
    question,
    read_pictures,
    read_prompt,
    tools,
)
from pointsman.cli.figures import summary
from pointsman.cli.interrupts import cancelling
from pointsman.cli.printing import AnswerPrinter
from pointsman.cli.session import session_of


def complete(
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
    schema: SchemaFile = None,
    tools_file: ToolsFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as one JSON object.")] = False,
    as_events: Annotated[bool, typer.Option("--events", help="Print every event as a line of JSON.")] = False,
) -> None:
    """Run one completion. The answer goes to standard output, its figures to standard error."""
    if as_json and as_events:
        raise typer.BadParameter("give --json or --events, not both")
    session = session_of(context)
    wishes = Wishes(models or (), providers or (), profile, purpose, system, max_tokens, labels or (), task, project)
    specification = wishes.specification([question(read_prompt(prompt, file), read_pictures(images))])
    if tools_file is not None:
        specification.tools.extend(tools(tools_file))
    if schema is not None:
        specification.output_format.CopyFrom(output_format(schema))
    with session.client() as client:
        if as_json:
            session.terminal.data(_whole(client.complete_whole(specification)))
        elif as_events:
            for sequence, event in client.complete(specification):
                session.terminal.record({"sequence": sequence, "event": MessageToDict(event)})
        else:
            completion = client.complete(specification)
            with completion, cancelling(completion.close):
                AnswerPrinter(session.terminal).print(completion)
                session.terminal.note(summary(completion.final().finished))


def _whole(answer: Answer) -> dict[str, object]:
    """The answer as one object; its message stands once."""
    finished = MessageToDict(answer.finished)
    finished.pop("message", None)
    return {**MessageToDict(answer.started), "message": MessageToDict(answer.message), "finished": finished}
