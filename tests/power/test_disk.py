"""The disk that the power-loss rounds work on: it must lose what a real one may, and nothing else."""

from random import Random

import pytest

from tests.power.disk import SECTOR_BYTES, Disk, PowerCut

OLD, NEW, NEWER = (bytes([letter]) * SECTOR_BYTES for letter in b"anz")
SEEDS = range(200)


def written(*, lies: bool = False, synced: bool = False) -> Disk:
    disk = Disk({"file": OLD * 3}, lies=lies)
    file = disk.open("file")
    disk.write(file, 0, NEW)
    disk.write(file, 2 * SECTOR_BYTES, NEW)
    disk.write(file, 2 * SECTOR_BYTES, NEWER)
    disk.write(file, 3 * SECTOR_BYTES, NEW)
    if synced:
        disk.sync("file", file)
    return disk


def after_a_cut(disk: Disk, seed: int) -> bytes:
    return disk.survivors(Random(seed))[0]["file"]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_synced_survives(seed: int) -> None:
    assert after_a_cut(written(synced=True), seed) == NEW + OLD + NEWER + NEW


def test_of_what_was_not_synced_any_part_survives() -> None:
    found = {after_a_cut(written(), seed) for seed in SEEDS}
    assert {OLD * 3, NEW + OLD + NEWER + NEW, OLD * 2 + NEW, NEW + OLD + NEW + NEW} <= found
    assert {content[SECTOR_BYTES : 2 * SECTOR_BYTES] for content in found} == {OLD}, "nobody wrote there"
    assert any(content[0:1] != content[SECTOR_BYTES - 1 : SECTOR_BYTES] for content in found), "no sector was torn"


def test_a_disk_that_lies_loses_what_it_said_it_synced() -> None:
    assert OLD * 3 in {after_a_cut(written(lies=True, synced=True), seed) for seed in SEEDS}


def test_nothing_happens_after_the_cut() -> None:
    disk = Disk({"file": OLD})
    file = disk.open("file")
    disk.cut_after(2)
    disk.write(file, 0, NEW)
    with pytest.raises(PowerCut):
        disk.sync("file", file)
    for after in (lambda: disk.write(file, 0, NEWER), lambda: disk.read(file, 1, 0), lambda: disk.open("other")):
        with pytest.raises(PowerCut):
            after()
    assert not file.durable.startswith(NEW), "the cut came before the end of the sync"


def test_a_deletion_counts_at_once_only_where_the_directory_was_synced() -> None:
    def left(*, durable: bool) -> set[bool]:
        found = set()
        for seed in SEEDS:
            disk = Disk({"file": OLD})
            disk.delete("file", durable=durable)
            found.add("file" in disk.survivors(Random(seed))[0])
        return found

    assert left(durable=True) == {False}
    assert left(durable=False) == {False, True}
