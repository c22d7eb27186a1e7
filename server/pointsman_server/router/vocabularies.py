"""The vocabularies of tiktoken that are at hand: read from files, never downloaded."""

from __future__ import annotations

import base64
import binascii
import hashlib
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tiktoken
from tiktoken_ext import openai_public

from pointsman_server.catalog.provider_file import TOKENIZERS
from pointsman_server.errors import ConfigurationError

_BYTES = 256


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A vocabulary and where it is from.

    Attributes:
        published: whether the file is the one that its makers published, bit by bit.
    """

    encoding: tiktoken.Encoding
    path: Path
    published: bool


def load(directory: Path | None) -> Mapping[str, Vocabulary]:
    """Reads every vocabulary that a model's row may name and that the directory has.

    A file is called what tiktoken's cache calls it, or by the vocabulary's name: ``o200k_base.tiktoken``. Another
    vocabulary under that name is taken, since only its owner can tell whether it is right for a model.

    Raises:
        ConfigurationError: a file is there and is no vocabulary.
    """
    found = {name: _find(name, directory) for name in TOKENIZERS} if directory else {}
    return {name: vocabulary for name, vocabulary in found.items() if vocabulary}


def _find(name: str, directory: Path) -> Vocabulary | None:
    """Takes tiktoken's own definition of the encoding, with a reader in the place of the one that downloads."""
    opened: list[tuple[Path, bool]] = []

    def read(url: str, expected_hash: str) -> dict[bytes, int]:
        cached = directory / hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()
        path = directory / f"{name}.tiktoken"
        path = path if path.is_file() else cached
        data = _bytes_of(path)
        opened.append((path, hashlib.sha256(data).hexdigest() == expected_hash))
        return _ranks(data, path)

    surroundings: dict[str, Any] = {**vars(openai_public), "load_tiktoken_bpe": read}
    definition = types.FunctionType(openai_public.ENCODING_CONSTRUCTORS[name].__code__, surroundings)
    try:
        encoding = tiktoken.Encoding(**definition())
    except FileNotFoundError:
        return None
    [(path, published)] = opened
    return Vocabulary(encoding, path, published)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error


def _ranks(data: bytes, path: Path) -> dict[bytes, int]:
    """The lines of a vocabulary: a token in base64, a space, its rank."""
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            token, rank = line.split()
            ranks[base64.b64decode(token, validate=True)] = int(rank)
        except (ValueError, binascii.Error) as error:
            raise ConfigurationError(f"{path}:{number}: is no line of a vocabulary: delete the file") from error
    if any(bytes([byte]) not in ranks for byte in range(_BYTES)) or len(set(ranks.values())) < len(ranks):
        raise ConfigurationError(f"{path}: lacks tokens, so that some texts could not be counted: delete the file")
    return ranks
