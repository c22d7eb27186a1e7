"""Loads the providers: the built-in files, with the operator's laid over them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

from pointsman_server import toml_document
from pointsman_server.catalog.layers import by_provider
from pointsman_server.catalog.provider_file import BUILT_IN, ProviderFile, interpret
from pointsman_server.catalog.rows import ProviderRow, Surroundings, row


def load(
    environment: Mapping[str, str],
    *,
    dialects: Mapping[str, Collection[str]],
    operator_dir: Path | None = None,
    private_networks: Sequence[str] = (),
) -> tuple[ProviderRow, ...]:
    """Loads all providers, ordered by id.

    Args:
        environment: where parameters of base URLs, paths and queries take their values from.
        dialects: the names of the dialects that there are, each with the quirks that it knows.
        operator_dir: the operator's ``*.toml``; it need not exist. A file with the id of a built-in provider
            overrides what it gives, a file with a new id adds a provider.
        private_networks: where private providers may be.

    Raises:
        ConfigurationError: a file is wrong; says where and how to mend it.
    """
    layers = by_provider([*built_in(), *_operator_files(operator_dir)])
    surroundings = Surroundings(environment, private_networks, dialects)
    return tuple(row(layers[name], surroundings) for name in sorted(layers))


def built_in() -> Iterator[ProviderFile]:
    """The built-in provider files, ordered by name."""
    folder = resources.files("pointsman_server.catalog") / "providers"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            document = toml_document.parse(entry.read_text(encoding="utf-8"), f"built-in {entry.name}")
            yield interpret(document, BUILT_IN)


def _operator_files(directory: Path | None) -> Iterator[ProviderFile]:
    for path in sorted(directory.glob("*.toml")) if directory else ():
        yield interpret(toml_document.read(path), str(path))
