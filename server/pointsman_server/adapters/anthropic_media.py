"""Writes images and documents."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from pointsman.v1.content_pb2 import DocumentPart, ImagePart

from pointsman_server.adapters.request_body import unsayable

_IMAGE_TYPES = {
    "image/jpeg": "image/jpeg",
    "image/jpg": "image/jpeg",
    "image/png": "image/png",
    "image/gif": "image/gif",
    "image/webp": "image/webp",
}
_PDF = "application/pdf"
_TEXT = "text/"


def image(part: ImagePart) -> dict[str, Any]:
    """The block of an image.

    Raises:
        ProviderFailure: the wire has no such type.
    """
    if part.HasField("uri"):
        return {"type": "image", "source": {"type": "url", "url": part.uri}}
    media_type = _IMAGE_TYPES.get(_type(part.media_type))
    if media_type is None:
        raise unsayable("images are taken as JPEG, PNG, GIF and WebP only")
    return {"type": "image", "source": _base64(part.data, media_type)}


def document(part: DocumentPart) -> dict[str, Any]:
    """The block of a document: a PDF, or any text.

    Raises:
        ProviderFailure: the wire has no such document.
    """
    block: dict[str, Any] = {"type": "document", "source": _document_source(part)}
    if part.file_name:
        block["title"] = part.file_name
    return block


def _document_source(part: DocumentPart) -> dict[str, Any]:
    media_type = _type(part.media_type)
    if part.HasField("uri"):
        if media_type != _PDF:
            raise unsayable("documents by address are taken as PDF only")
        return {"type": "url", "url": part.uri}
    if media_type == _PDF:
        return _base64(part.data, _PDF)
    if not media_type.startswith(_TEXT):
        raise unsayable("documents are taken as PDF and text only")
    try:
        text = part.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unsayable("a text document is not UTF-8") from error
    return {"type": "text", "media_type": "text/plain", "data": text}


def _type(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _base64(data: bytes, media_type: str) -> dict[str, Any]:
    return {"type": "base64", "media_type": media_type, "data": b64encode(data).decode()}
