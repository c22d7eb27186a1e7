"""The files of one provider laid over each other: the built-in one, then the operator's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pointsman_server.catalog.price_history import laid_over
from pointsman_server.catalog.provider_file import BUILT_IN, ProviderFile
from pointsman_server.errors import ConfigurationError

_MAPPINGS = ("auth", "headers", "query", "paths")
"""What is merged key by key. All else is replaced whole; of prices, what holds from the later file's first date on."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The files of one provider; a later one overrides what it gives."""

    files: tuple[ProviderFile, ...]

    @property
    def source(self) -> str:
        """Where the provider comes from: the last file."""
        return self.files[-1].source

    def provider(self) -> dict[str, Any]:
        """What the files together say of the provider."""
        merged: dict[str, Any] = {}
        for file in self.files:
            tables = {
                name: {**merged.get(name, {}), **file.provider[name]} for name in _MAPPINGS if name in file.provider
            }
            merged |= {**file.provider, **tables}
        return merged

    def models(self) -> dict[str, Mapping[str, Any]]:
        """What the files together say of each model, by external id."""
        models: dict[str, Mapping[str, Any]] = {}
        for file in self.files:
            for external_id, model in file.models.items():
                below = models.get(external_id, {})
                history = laid_over(below.get("prices", ()), model.get("prices", ()))
                models[external_id] = {**below, **model, **({"prices": history} if history else {})}
        return models

    def error(self, place: Iterable[str], message: str) -> ConfigurationError:
        """An error about a field of the provider, in the last file that gives it."""
        whole = ("provider", *place)
        document = next((f.document for f in reversed(self.files) if f.document.holds(whole)), self.files[-1].document)
        return document.error(whole, message)


def by_provider(files: Iterable[ProviderFile]) -> dict[str, Layers]:
    """Puts the files of each provider together.

    Raises:
        ConfigurationError: two of the operator's files have one id.
    """
    found: dict[str, Layers] = {}
    for file in files:
        below = found.get(file.provider["id"])
        if below and below.source != BUILT_IN:
            raise file.document.error(("provider", "id"), f"id: {below.source} has this id too")
        found[file.provider["id"]] = Layers((*below.files, file) if below else (file,))
    return found
