"""The routing's tables: which evidence means which task type, which purpose prefers which models. Data, no code."""

from __future__ import annotations

from dataclasses import dataclass

from pointsman_server.router.model import Profile

TOOL_TASK_TYPES = {
    "code_execute": "code",
    "document_ingest": "document",
    "http_fetch": "research",
    "file_read": "file_ops",
    "canvas_append": "canvas",
    "dalle3_image_gen": "image_gen",
    "mermaid_diagram": "diagram",
    "playwright_screenshot": "screenshot",
}
"""Tool name to task type."""

TASK_TYPE_KEYWORDS = {
    "slides": ("powerpoint", "ppt", "presentation", "slides"),
    "code": ("code", "program", "script", "function", "python", "javascript"),
    "analysis": ("analyze", "examine", "investigate", "review"),
    "summarization": ("summarize", "summary", "condense", "tldr"),
    "translation": ("translate", "translation"),
    "image": ("image", "picture", "photo", "diagram"),
    "document": ("document", "report", "paper", "pdf"),
}
"""Task type to the words of a user's message that mean it."""

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"

MEDIA_TYPE_TASK_TYPES = {
    "application/pdf": "document",
    "application/msword": "document",
    "application/rtf": "document",
    "text/rtf": "document",
    f"{_OPEN_XML}.wordprocessingml.document": "document",
    f"{_OPEN_DOCUMENT}.text": "document",
    "text/csv": "analysis",
    "text/tab-separated-values": "analysis",
    "application/vnd.ms-excel": "analysis",
    "application/vnd.ms-excel.sheet.macroenabled.12": "analysis",
    f"{_OPEN_XML}.spreadsheetml.sheet": "analysis",
    f"{_OPEN_DOCUMENT}.spreadsheet": "analysis",
    "application/vnd.ms-powerpoint": "slides",
    f"{_OPEN_XML}.presentationml.presentation": "slides",
    f"{_OPEN_XML}.presentationml.slideshow": "slides",
    f"{_OPEN_DOCUMENT}.presentation": "slides",
    "application/javascript": "code",
    "application/sql": "code",
    "application/typescript": "code",
    "application/x-httpd-php": "code",
    "application/x-javascript": "code",
    "application/x-python": "code",
    "application/x-python-code": "code",
    "application/x-ruby": "code",
    "application/x-sh": "code",
    "application/x-typescript": "code",
    "text/javascript": "code",
    "text/typescript": "code",
    "text/x-c": "code",
    "text/x-c++": "code",
    "text/x-c++src": "code",
    "text/x-csharp": "code",
    "text/x-csrc": "code",
    "text/x-go": "code",
    "text/x-java": "code",
    "text/x-java-source": "code",
    "text/x-kotlin": "code",
    "text/x-php": "code",
    "text/x-python": "code",
    "text/x-ruby": "code",
    "text/x-rust": "code",
    "text/x-scala": "code",
    "text/x-script.python": "code",
    "text/x-sh": "code",
    "text/x-shellscript": "code",
    "text/x-sql": "code",
    "text/x-swift": "code",
    "text/x-typescript": "code",
}
"""A document's media type to task type."""

MEDIA_FAMILY_TASK_TYPES = {"image": "image", "audio": "transcription"}
"""The first half of any other media type to task type."""

EXTENSION_TASK_TYPES = {
    **dict.fromkeys(("pdf", "doc", "docx", "odt", "rtf"), "document"),
    **dict.fromkeys(("csv", "tsv", "xls", "xlsx", "xlsm", "ods"), "analysis"),
    **dict.fromkeys(("ppt", "pptx", "ppsx", "odp"), "slides"),
    **dict.fromkeys(
        ("c", "cc", "cpp", "cs", "go", "h", "hpp", "java", "js", "jsx", "kt", "php", "py", "rb", "rs", "scala", "sh"),
        "code",
    ),
    **dict.fromkeys(("sql", "swift", "ts", "tsx"), "code"),
}
"""A document's file extension to task type, read where its media type says nothing."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a purpose changes.

    Attributes:
        models: names that start with a boost, as the catalog resolves them.
        profile: the profile where the caller names none; ``None``: no change.
    """

    models: tuple[str, ...]
    profile: Profile | None = None


PURPOSES = {
    "spec-generation": Purpose(("gemini-2-5-pro-1m",)),
    "task-breakdown": Purpose(("claude-sonnet-4-5-200k",)),
    "code-generation": Purpose(("claude-sonnet-4-5-200k",)),
    "validation": Purpose(("claude-sonnet-4-5-200k",)),
    "insight-extraction": Purpose(("gemini-2-5-pro-1m",)),
    "strategic-planning": Purpose(("chatgpt-5-pro",)),
    "fast-processing": Purpose(("gemini-2-flash",)),
    "experimentation": Purpose(("glm-4-6-200k",), Profile.FREE_FIRST),
}
"""Purpose to what it changes. A purpose that is not here is recorded and changes nothing."""

FALLBACK_CHAIN = ("claude-sonnet-4-5-200k", "gemini-2-5-pro-1m", "glm-4-6-200k")
"""The names that are tried, in this order, after the model that leads."""
