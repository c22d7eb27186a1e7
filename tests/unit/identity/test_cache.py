"""A cache that is bounded in number and in time."""

from pointsman_server.identity.cache import BoundedCache


def test_the_least_recently_used_makes_room() -> None:
    cache = BoundedCache[int](2, life_s=10)
    cache.put(b"a", 1, 0)
    cache.put(b"b", 2, 0)
    assert cache.get(b"a", 1) == 1
    cache.put(b"c", 3, 1)
    assert [cache.get(key, 1) for key in (b"a", b"b", b"c")] == [1, None, 3]
    assert len(cache) == 2


def test_an_entry_ends() -> None:
    cache = BoundedCache[int](2, life_s=10)
    cache.put(b"a", 1, 0)
    assert cache.get(b"a", 9.9) == 1
    assert cache.get(b"a", 10) is None
    assert len(cache) == 0


def test_an_entry_may_be_replaced_and_all_forgotten() -> None:
    cache = BoundedCache[int](2, life_s=10)
    cache.put(b"a", 1, 0)
    cache.put(b"a", 2, 5)
    assert cache.get(b"a", 14) == 2
    cache.clear()
    assert cache.get(b"a", 14) is None
