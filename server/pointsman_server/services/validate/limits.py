"""The limits that requests are held to. docs/api.md lists them for callers."""

MAX_MESSAGES = 4_096
MAX_PARTS = 1_024
MAX_ALL_PARTS = 16_384
"""Parts of all messages together, those inside tool results included: each takes time to check."""
MAX_NAME_CHARACTERS = 64
MAX_CHOSEN_ID_CHARACTERS = 64
MAX_ID_CHARACTERS = 128
MAX_DISPLAY_NAME_CHARACTERS = 200
MAX_DESCRIPTION_CHARACTERS = 1_000
MAX_EMAIL_CHARACTERS = 254
MAX_PLAN_FEATURES = 64
MAX_PLAN_TASKS = 256
MAX_MODEL_CLASSES = 32
MAX_QUOTAS = 20
MAX_TOOL_CALL_ID_CHARACTERS = 512
MAX_MODEL_NAME_CHARACTERS = 256
MAX_URI_CHARACTERS = 8_192
MAX_PAGE_TOKEN_CHARACTERS = 1_024
MAX_PAGE_SIZE = 1_000

MAX_TOOLS = 128
MAX_SCHEMA_BYTES = 64 * 1024
MAX_ALL_SCHEMAS_BYTES = 256 * 1024
MAX_SCHEMA_DEPTH = 64

MAX_STOP_SEQUENCES = 4
MAX_OUTPUT_TOKENS = 10_000_000
MAX_LABELS = 8
MAX_LABEL_CHARACTERS = 64
MAX_HINT_NAMES = 64

MAX_PERIOD_SECONDS = 315_360_000
MAX_BUDGET_LIMIT = 1_000_000_000_000_000_000
"""A rate's state is a time in nanoseconds, into which so many units of one nanosecond still fit."""

MAX_JUSTIFICATION_CHARACTERS = 500

MAX_BILLED_ROWS = 10_000
MAX_TOLERANCE_PPM = 1_000_000

IMAGE_TYPES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
AUDIO_TYPES = frozenset({"audio/mpeg", "audio/wav"})
DOCUMENT_TYPES = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/msword",
        "application/pdf",
        "application/rtf",
        "application/sql",
        "application/toml",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/x-python",
        "application/x-sh",
        "application/xml",
        "application/yaml",
    }
)
"""Beside these, every ``text/…`` is a document."""
