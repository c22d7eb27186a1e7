"""A disk in memory that loses what was not synced when its power is cut, as real ones do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from random import Random

SECTOR_BYTES = 512


class Fate(Enum):
    """What becomes of the writes that were not synced."""

    LOST = "lost"
    KEPT = "kept"
    SCATTERED = "scattered"  # of each sector any version since its last sync, whatever the others kept
    TORN = "torn"  # the same, and a sector may end in the middle of a write


class PowerCut(Exception):
    """The power is gone: nothing is read or written any more."""


@dataclass(slots=True)
class VolatileFile:
    """One file: what is on the medium, and what was written since.

    Attributes:
        durable: what the last sync put on the medium.
        current: what readers see.
        pending: the writes since, as offset and data; a new length is an offset with ``None``.
    """

    durable: bytes = b""
    current: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def apply(self, offset: int, data: bytes | None) -> None:
        _apply(self.current, offset, data)
        self.pending.append((offset, data))

    def sync(self) -> None:
        self.durable = bytes(self.current)
        self.pending.clear()

    def survivor(self, random: Random, fate: Fate) -> bytes:
        """What is on the medium after a power cut."""
        if fate is Fate.LOST or not self.pending:
            return self.durable
        if fate is Fate.KEPT:
            return bytes(self.current)
        sectors, lengths = self._versions()
        kept = bytearray()
        for number, versions in sectors.items():
            _apply(kept, number * SECTOR_BYTES, _picked(versions, random, torn=fate is Fate.TORN))
        length = random.choice(lengths)
        return bytes(kept[:length]).ljust(length, b"\0")

    def _versions(self) -> tuple[dict[int, list[bytes]], list[int]]:
        """Of each sector what it held at the last sync and after each write to it, and each length of the file."""
        content = bytearray(self.durable)
        lengths = [len(content)]
        sectors = {number: [_sector(content, number)] for number in range(_sector_count(len(content)))}
        for offset, data in self.pending:
            _apply(content, offset, data)
            lengths.append(len(content))
            for number in _touched(offset, data):
                sectors.setdefault(number, [bytes(SECTOR_BYTES)]).append(_sector(content, number))
        return sectors, lengths


class Disk:
    """Files by name. After so many writes and syncs its power is cut.

    Attributes:
        lies: whether it says that it has synced and has not.
        synced: how often each file was synced.
    """

    def __init__(self, files: dict[str, bytes], *, lies: bool = False) -> None:
        self.files = {name: VolatileFile(content, bytearray(content)) for name, content in files.items()}
        self._deleted: dict[str, VolatileFile] = {}
        self.lies = lies
        self.synced: dict[str, int] = {}
        self.on = True
        self._steps_left: int | None = None

    def cut_after(self, steps: int) -> None:
        """Lets this many more writes and syncs happen; the last of them half."""
        self._steps_left = steps

    def open(self, name: str) -> VolatileFile:
        self._check()
        return self.files.setdefault(name, VolatileFile())

    def read(self, file: VolatileFile, amount: int, offset: int) -> bytes:
        self._check()
        return bytes(file.current[offset : offset + amount])

    def write(self, file: VolatileFile, offset: int, data: bytes | None) -> None:
        """Writes, or with ``None`` cuts the file off at the offset."""
        self._check()
        file.apply(offset, data)  # before the cut: what the power fails in the middle of may be on the medium or not
        self._step()

    def sync(self, name: str, file: VolatileFile) -> None:
        self._check()
        self._step()
        self.synced[name] = self.synced.get(name, 0) + 1
        if not self.lies:
            file.sync()

    def delete(self, name: str, *, durable: bool) -> None:
        """Deletes a file; where the directory is not synced with it, it may come back."""
        self._check()
        self._step()
        file = self.files.pop(name)
        if not durable:
            self._deleted[name] = file

    def survivors(self, random: Random) -> tuple[dict[str, bytes], Fate]:
        """Cuts the power, and returns what is on the medium."""
        self.on = False
        fate = random.choice(list(Fate))
        back = {name: file for name, file in self._deleted.items() if fate is not Fate.KEPT and random.getrandbits(1)}
        return {name: file.survivor(random, fate) for name, file in (back | self.files).items()}, fate

    def _check(self) -> None:
        if not self.on:
            raise PowerCut

    def _step(self) -> None:
        if self._steps_left is None:
            return
        self._steps_left -= 1
        if self._steps_left <= 0:
            self.on = False
            raise PowerCut


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    if data is not None:
        content[offset : offset + len(data)] = data


def _sector(content: bytearray, number: int) -> bytes:
    return bytes(content[number * SECTOR_BYTES : (number + 1) * SECTOR_BYTES]).ljust(SECTOR_BYTES, b"\0")


def _picked(versions: list[bytes], random: Random, *, torn: bool) -> bytes:
    """Any version of a sector; a torn one begins as a later one and ends as an earlier."""
    if not torn:
        return random.choice(versions)
    earlier, later = sorted(random.choices(range(len(versions)), k=2))
    at = random.randrange(SECTOR_BYTES)
    return versions[later][:at] + versions[earlier][at:]


def _sector_count(length: int) -> int:
    return -(-length // SECTOR_BYTES)


def _touched(offset: int, data: bytes | None) -> Iterator[int]:
    if data:
        yield from range(offset // SECTOR_BYTES, _sector_count(offset + len(data)))
