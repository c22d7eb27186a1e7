"""Ids for tool calls that came without one."""


def made_up_id(response_id: str, position: int) -> str:
    """An id that later turns of the conversation do not repeat, as far as the response's own id is unique."""
    source = "".join(character for character in response_id if character.isascii() and character.isalnum())[-16:]
    return f"call_{source}_{position}" if source else f"call_{position}"
