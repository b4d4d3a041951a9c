"""A cache, and functions that use it."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["caches"]

_CACHE = '''
"""A store that forgets what was not used for longest."""


class $Cache:
    """Holds a number of entries.

    Args:
        size: Most entries.
        life: How long an entry is good; None for ever.
    """

    def __init__(self, size=$size, life=None):
        if size < 1:
            raise ValueError("a cache holds at least one entry")
        self.size = size
        self.life = life
        self._entries = {}

    def put(self, key, value, now=0):
        """Keep a value; if need be the entry that was not used for longest goes."""
        self._entries.pop(key, None)
        while len(self._entries) >= self.size:
            oldest = next(iter(self._entries))
            del self._entries[oldest]
        self._entries[key] = (value, now)

    def get(self, key, now=0, default=None):
        """Return a value that is still good, and count it as used."""
        if key not in self._entries:
            return default
        value, since = self._entries.pop(key)
        if self.life is not None and now - since >= self.life:
            return default
        self._entries[key] = (value, since)
        return value

    def keys(self):
        """Return the keys, the one that goes first in front."""
        return list(self._entries)

    def purge(self, now):
        """Drop entries that are no longer good, and return how many."""
        if self.life is None:
            return 0
        old = [key for key, (_, since) in self._entries.items() if now - since >= self.life]
        for key in old:
            del self._entries[key]
        return len(old)
'''

_MEMO = '''
"""Functions that remember, and how well that works."""

from $package.cache import $Cache


class $Counted:
    """Calls a function through a cache and counts.

    Args:
        function: Called with one argument.
        size: Most results that are kept.
    """

    def __init__(self, function, size=$kept):
        self._function = function
        self._cache = $Cache(size)
        self.hits = 0
        self.misses = 0

    def __call__(self, argument):
        missing = object()
        value = self._cache.get(argument, default=missing)
        if value is missing:
            self.misses += 1
            value = self._function(argument)
            self._cache.put(argument, value)
        else:
            self.hits += 1
        return value

    def rate(self):
        """Return the share of hits in percent, rounded down; without calls 0."""
        calls = self.hits + self.misses
        if calls == 0:
            return 0
        return self.hits * 100 // calls


def $replay(size, keys):
    """Return which requests miss when keys are asked for in turn."""
    cache = $Cache(size)
    missed = []
    for key in keys:
        if cache.get(key) is None:
            missed.append(key)
            cache.put(key, True)
    return missed


def $smallest(keys, most):
    """Return the smallest size with at most so many misses, or None."""
    for size in range(1, len(keys) + 1):
        if len($replay(size, keys)) <= most:
            return size
    return None
'''


def caches(draw: Draw) -> Draft:
    """Return a repository about a cache and functions that use it."""
    package = draw.pick(("keepsake", "recall", "memoria", "stash", "retain"))
    cache, counted = draw.pick(("Cache", "Store", "Memory")), draw.pick(("Counted", "Remembering", "Memo"))
    names = {
        "package": package,
        "Cache": cache,
        "Counted": counted,
        "size": draw.between(3, 5),
        "kept": draw.between(2, 4),
        "replay": draw.pick(("replay", "misses_of", "simulate")),
        "smallest": draw.pick(("smallest", "size_for", "fit")),
    }
    tests = Suite("cache", f"from {package}.cache import {cache}")
    memo = Suite(
        "memo",
        f"from {package}.memo import {counted}, {', '.join(sorted((str(names['replay']), str(names['smallest']))))}",
    )
    for _ in range(4):
        a, b, c, d = draw.sample("abcdefgh", 4)
        x, life = draw.between(10, 99), draw.between(3, 9)
        fillup = (
            f"cache = {cache}(3)\nfor place, key in enumerate('{a}{b}{c}'):\n    cache.put(key, place + {x})"
        )
        tests.add(
            "oldest_goes",
            f"{fillup}\ncache.put('{d}', 0)",
            "cache.keys()",
            f"cache.get('{a}')",
            f"cache.get('{d}')",
        )
        tests.add(
            "use_keeps",
            f"{fillup}\nused = cache.get('{a}')\ncache.put('{d}', 0)",
            "used",
            "cache.keys()",
            f"cache.get('{b}', default=-1)",
        )
        tests.add("put_again", f"{fillup}\ncache.put('{a}', 1)", "cache.keys()", f"cache.get('{a}')")
        lived = f"cache = {cache}(4, {life})\ncache.put('{a}', {x}, 0)\ncache.put('{b}', {x}, 2)"
        tests.add(
            "life",
            lived,
            f"cache.get('{a}', {life - 1})",
            f"cache.get('{a}', {life})",
            f"cache.get('{b}', {life})",
            "cache.keys()",
        )
        tests.add(
            "purge",
            lived,
            f"cache.purge({life + 1})",
            "cache.keys()",
            f"cache.purge({life + 2})",
            f"cache.get('{a}', 0)",
        )
        calls = [draw.between(1, 5) for _ in range(9)]
        memo.add(
            "counted",
            f"square = {counted}(lambda n: n * n)\nseen = [square(n) for n in {calls}]",
            "seen",
            "(square.hits, square.misses)",
            "square.rate()",
        )
        keys = "".join(draw.pick("pqrst") for _ in range(10))
        memo.add("replay", "", f"{names['replay']}(2, '{keys}')", f"{names['replay']}(3, '{keys}')")
        memo.add(
            "smallest",
            "",
            f"{names['smallest']}('{keys}', 5)",
            f"{names['smallest']}('{keys}', {draw.between(6, 8)})",
            f"{names['smallest']}('{keys}', 1)",
        )
    tests.add(
        "default_size",
        f"cache = {cache}()\nfor key in range(9):\n    cache.put(key, key)",
        "cache.keys()",
        "cache.purge(99)",
    )
    tests.add("no_size", "", f"{cache}(0)")
    memo.add("no_calls", "", f"{counted}(abs).rate()")
    modules = {"cache": fill(_CACHE, names), "memo": fill(_MEMO, names)}
    parts = {"cache": "the cache itself", "memo": "functions that remember"}
    return Draft(
        "caches", package, "A cache, and functions that remember through it.", modules, [tests, memo], parts
    )
