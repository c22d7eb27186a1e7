"""The options with which a person says what a completion needs, and the specification that they become."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

import typer

from pointsman.cli.names import choose, names
from pointsman.content import image, json_schema, tool, user
from pointsman.v1.completion_pb2 import CompletionSpecification, Hints, Profile
from pointsman.v1.content_pb2 import Message, OutputFormat, Part, Tool

Models = Annotated[
    list[str] | None,
    typer.Option("--model", "-m", metavar="NAME", help="Only this model may serve. Repeat it to allow several."),
]
Providers = Annotated[
    list[str] | None,
    typer.Option("--provider", metavar="NAME", help="Only this provider may serve. Repeat it to allow several."),
]
ProfileName = Annotated[
    str, typer.Option("--profile", metavar="|".join(names(Profile)), help="What the routing weighs most.")
]
Purpose = Annotated[str, typer.Option("--purpose", metavar="NAME", help="What the call is for, as code-generation.")]
TaskCode = Annotated[str, typer.Option("--task", metavar="CODE", help="The task that it is a call of.")]
ProjectId = Annotated[str, typer.Option("--project", metavar="ID", help="The project that it is charged to.")]
System = Annotated[str, typer.Option("--system", "-s", metavar="TEXT", help="Instructions before the conversation.")]
MaxTokens = Annotated[
    int | None, typer.Option("--max-tokens", metavar="N", min=1, help="The most tokens that the answer may have.")
]
Images = Annotated[
    list[str] | None,
    typer.Option("--image", "-i", metavar="FILE", help="A picture, or its https address. May be repeated."),
]
Labels = Annotated[
    list[str] | None, typer.Option("--label", metavar="KEY=VALUE", help="A label for reports. May be repeated.")
]
PromptFile = Annotated[
    str, typer.Option("--file", "-f", metavar="FILE", help="Text that follows the prompt; - is standard input.")
]
SchemaFile = Annotated[
    Path | None, typer.Option("--schema", metavar="FILE", help="The JSON Schema that the answer must match.")
]
ToolsFile = Annotated[
    Path | None,
    typer.Option("--tools", metavar="FILE", help="A JSON list of tools: name, description, parameters, strict."),
]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asked for beside the question itself."""

    models: Sequence[str] = ()
    providers: Sequence[str] = ()
    profile: str = ""
    purpose: str = ""
    system: str = ""
    max_tokens: int | None = None
    labels: Sequence[str] = ()
    task: str = ""
    project: str = ""

    def specification(self, messages: Sequence[Message]) -> CompletionSpecification:
        """The specification of a completion of this conversation."""
        return CompletionSpecification(
            system_text=self.system,
            messages=messages,
            max_output_tokens=self.max_tokens,
            purpose=self.purpose,
            task_code=self.task,
            project_id=self.project,
            labels=labels(self.labels),
            hints=Hints(
                pinned_models=self.models,
                pinned_providers=self.providers,
                profile=choose(Profile, self.profile, "--profile"),
            ),
        )


def question(text: str, pictures: Sequence[Part] = ()) -> Message:
    """A user's message."""
    return user(valid(text), *pictures)


def read_pictures(sources: Sequence[str] | None) -> list[Part]:
    """Pictures from files and addresses."""
    return [_picture(source) for source in sources or ()]


def read_prompt(argument: str, file: str) -> str:
    """The prompt: the argument, then the file's text; standard input where neither is given.

    Raises:
        typer.BadParameter: there is none.
    """
    if not argument and not file:
        if sys.stdin.isatty():
            raise typer.BadParameter("give a prompt as an argument, with --file, or on standard input")
        file = "-"
    texts = [argument, read_text(file, "--file") if file else ""]
    prompt = "\n\n".join(text for text in texts if text)
    if not prompt.strip():
        raise typer.BadParameter("the prompt is empty")
    return valid(prompt)


def read_text(file: str | Path, option: str) -> str:
    """A text file, or standard input for ``-``."""
    try:
        return sys.stdin.read() if str(file) == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file}: {_why(error)}", param_hint=option) from error


def output_format(file: Path) -> OutputFormat:
    """The form that a schema file asks for."""
    text = read_text(file, "--schema")
    if not isinstance(_json(text, file, "--schema"), dict):
        raise typer.BadParameter(f"{file}: a JSON Schema is an object", param_hint="--schema")
    return json_schema(text)


def tools(file: Path) -> list[Tool]:
    """The tools of a file; OpenAI's nesting (``{"type": "function", "function": …}``) is understood too."""
    entries = _json(read_text(file, "--tools"), file, "--tools")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise typer.BadParameter(f"{file}: must be a list of objects", param_hint="--tools")
    return [_tool(cast("dict[str, object]", entry.get("function", entry)), file) for entry in entries]


def labels(pairs: Sequence[str]) -> dict[str, str]:
    """Labels from ``key=value``."""
    if wrong := next((pair for pair in pairs if "=" not in pair), None):
        raise typer.BadParameter(f"{wrong!r} is not KEY=VALUE", param_hint="--label")
    return dict(cast("tuple[str, str]", tuple(pair.split("=", 1))) for pair in pairs)


def valid(text: str) -> str:
    """The text, refused where its bytes were no UTF-8: a message can hold nothing else."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise typer.BadParameter("the prompt is not UTF-8") from error
    return text


def _picture(source: str) -> Part:
    try:
        return image(source)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{source}: {_why(error)}", param_hint="--image") from error


def _tool(entry: dict[str, object], file: Path) -> Tool:
    parameters = entry.get("parameters", {})
    if not isinstance(entry.get("name"), str) or not isinstance(parameters, dict):
        raise typer.BadParameter(
            f"{file}: a tool needs a name, and parameters that are an object", param_hint="--tools"
        )
    return tool(
        str(entry["name"]),
        str(entry.get("description", "")),
        parameters or "",
        strict=entry.get("strict") is True,
    )


def _json(text: str, file: Path, option: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"{file}: no JSON: {error}", param_hint=option) from error


def _why(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
