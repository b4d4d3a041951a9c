"""Repositories about small systems: caches, permissions, versions, tournaments."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["caches", "permissions", "tournaments", "versions"]

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


_ROLES = '''
"""Roles, and what they may do."""


class $Roles:
    """Rights by role; a role may take over the rights of others."""

    def __init__(self):
        self._rights = {}
        self._above = {}

    def allow(self, role, *rights):
        """Give rights to a role."""
        self._rights.setdefault(role, set()).update(rights)

    def inherit(self, role, other):
        """Let a role have all that another one has.

        Raises ValueError when that makes a circle.
        """
        if role == other or role in self.chain(other):
            raise ValueError("a circle of roles")
        self._above.setdefault(role, []).append(other)

    def chain(self, role):
        """Return a role and all that it takes over from, each once, the nearest first."""
        found = []
        waiting = [role]
        while waiting:
            name = waiting.pop(0)
            if name in found:
                continue
            found.append(name)
            waiting.extend(self._above.get(name, []))
        return found

    def rights(self, role):
        """Return all rights of a role, in order."""
        gathered = set()
        for name in self.chain(role):
            gathered |= self._rights.get(name, set())
        return sorted(gathered)
'''

_POLICY = '''
"""Who may do what where."""


class $Policy:
    """Decides by roles, owners and bans.

    Args:
        roles: The roles.
        owner_rights: What an owner may always do.
    """

    def __init__(self, roles, owner_rights=None):
        if owner_rights is None:
            owner_rights = ["$own"]
        self.roles = roles
        self.owner_rights = list(owner_rights)
        self._users = {}
        self._banned = set()
        self.log = []

    def assign(self, user, role):
        """Give a role to a user."""
        self._users.setdefault(user, []).append(role)

    def ban(self, user, right="*"):
        """Take a right away whatever the roles say; all of them by default."""
        self._banned.add((user, right))

    def may(self, user, right, owner=None):
        """Decide, and write it down."""
        allowed = self._decide(user, right, owner)
        self.log.append({"user": user, "right": right, "allowed": allowed})
        return allowed

    def _decide(self, user, right, owner):
        if (user, "*") in self._banned or (user, right) in self._banned:
            return False
        if owner is not None and user == owner and right in self.owner_rights:
            return True
        for role in self._users.get(user, []):
            if right in self.roles.rights(role):
                return True
        return False

    def refused(self, user=None):
        """Return the rights that were asked for in vain, by all or by one user."""
        return [
            entry["right"]
            for entry in self.log
            if not entry["allowed"] and (user is None or entry["user"] == user)
        ]
'''


def permissions(draw: Draw) -> Draft:
    """Return a repository about roles and rights."""
    package = draw.pick(("gatehouse", "keyring", "warden", "turnstile", "badges"))
    roles, policy = draw.pick(("Roles", "Ranks", "Groups")), draw.pick(("Policy", "Guard", "Rules"))
    own = draw.pick(("edit", "rename", "share"))
    names = {"package": package, "Roles": roles, "Policy": policy, "own": own}
    role_tests = Suite("roles", f"from {package}.roles import {roles}")
    tests = Suite("policy", f"from {package}.policy import {policy}\nfrom {package}.roles import {roles}")
    rights, who = ("read", "write", "drop", "print", "send", "sign"), ("ann", "bob", "cyd", "dee", "eve")
    for _ in range(4):
        low, mid, top = draw.sample(("guest", "clerk", "editor", "chief", "owner", "scribe"), 3)
        r = draw.sample(rights, 5)
        a, b, c = draw.sample(who, 3)
        setup = (
            f"roles = {roles}()\nroles.allow('{low}', '{r[0]}')\nroles.allow('{mid}', '{r[1]}', '{r[2]}')\n"
            f"roles.allow('{top}', '{r[3]}')\nroles.inherit('{mid}', '{low}')\nroles.inherit('{top}', '{mid}')"
        )
        role_tests.add(
            "rights",
            setup,
            f"roles.rights('{low}')",
            f"roles.rights('{mid}')",
            f"roles.rights('{top}')",
            "roles.rights('nobody')",
        )
        role_tests.add(
            "chain",
            f"{setup}\nroles.inherit('{top}', '{low}')",
            f"roles.chain('{top}')",
            f"roles.chain('{low}')",
        )
        role_tests.add(
            "circle",
            setup,
            f"roles.inherit('{low}', '{top}')",
            f"roles.inherit('{low}', '{low}')",
            f"roles.rights('{low}')",
        )
        role_tests.add(
            "allow_again",
            f"{setup}\nroles.allow('{low}', '{r[4]}')",
            f"roles.rights('{low}')",
            f"roles.rights('{mid}')",
        )
        full = (
            f"{setup}\npolicy = {policy}(roles)\npolicy.assign('{a}', '{low}')\npolicy.assign('{b}', '{top}')"
        )
        tests.add(
            "roles_decide",
            full,
            f"policy.may('{a}', '{r[0]}')",
            f"policy.may('{a}', '{r[3]}')",
            f"policy.may('{b}', '{r[1]}')",
            f"policy.may('{c}', '{r[0]}')",
        )
        tests.add(
            "second_role",
            f"{full}\npolicy.assign('{a}', '{mid}')",
            f"policy.may('{a}', '{r[2]}')",
            f"policy.may('{a}', '{r[0]}')",
        )
        tests.add(
            "owner",
            full,
            f"policy.may('{c}', '{own}', '{c}')",
            f"policy.may('{c}', '{own}', '{a}')",
            f"policy.may('{c}', '{r[0]}', '{c}')",
            f"policy.may('{c}', '{own}')",
        )
        tests.add(
            "ban",
            f"{full}\npolicy.ban('{b}', '{r[1]}')\npolicy.ban('{a}')",
            f"policy.may('{b}', '{r[1]}')",
            f"policy.may('{b}', '{r[0]}')",
            f"policy.may('{a}', '{r[0]}')",
        )
        tests.add(
            "log",
            f"{full}\npolicy.may('{c}', '{r[0]}')\npolicy.may('{a}', '{r[3]}')\npolicy.may('{b}', '{r[3]}')",
            "policy.refused()",
            f"policy.refused('{c}')",
            "policy.log[-1]",
        )
        tests.add(
            "own_rights",
            f"given = ['{r[4]}']\npolicy = {policy}({roles}(), given)\ngiven.append('{r[0]}')\nother = {policy}({roles}())\nother.owner_rights.append('x')",
            "policy.owner_rights",
            f"{policy}({roles}()).owner_rights",
        )
    modules = {"roles": fill(_ROLES, names), "policy": fill(_POLICY, names)}
    parts = {"roles": "roles and their rights", "policy": "decisions and their log"}
    return Draft("permissions", package, "Decides who may do what.", modules, [role_tests, tests], parts)


_VERSION = '''
"""Versions: three numbers, and maybe a mark of what is not finished."""


def $read(text):
    """Return a version as (major, minor, patch, mark); numbers that are missing are 0, a mark may be empty.

    Raises ValueError when it is none.
    """
    numbers, _, mark = text.partition("-")
    parts = numbers.split(".")
    if len(parts) > 3 or not all(part.isdigit() for part in parts):
        raise ValueError("not a version: " + text)
    filled = [int(part) for part in parts] + [0] * (3 - len(parts))
    return (filled[0], filled[1], filled[2], mark)


def $key(text):
    """Return what versions are ordered by: one with a mark comes before the one without."""
    major, minor, patch, mark = $read(text)
    return (major, minor, patch, 0 if mark else 1, mark)


def $newest(versions, marked=False):
    """Return the newest version, or None; those with a mark only if asked for."""
    kept = [version for version in versions if marked or not $read(version)[3]]
    if not kept:
        return None
    return max(kept, key=$key)


def $bump(text, part="$part"):
    """Return the next version: a part goes up, those after it become 0, and the mark goes."""
    major, minor, patch, mark = $read(text)
    if part == "major":
        return str(major + 1) + ".0.0"
    if part == "minor":
        return str(major) + "." + str(minor + 1) + ".0"
    if part == "patch":
        return ".".join(str(number) for number in (major, minor, patch if mark else patch + 1))
    raise ValueError("no such part: " + part)
'''

_NEEDS = '''
"""What a package needs: ranges of versions."""

from $package.version import $key, $newest, $read

SIGNS = (">=", "<=", "==", "!=", ">", "<", "^")


def $fits(version, need):
    """Tell whether a version satisfies a need such as ">=1.2, <2"."""
    return all(_one(version, part.strip()) for part in need.split(",") if part.strip())


def _one(version, part):
    for sign in SIGNS:
        if part.startswith(sign):
            bound = part[len(sign):].strip()
            break
    else:
        raise ValueError("no sign in " + part)
    mine, other = $key(version), $key(bound)
    if sign == ">=":
        return mine >= other
    if sign == "<=":
        return mine <= other
    if sign == "==":
        return mine == other
    if sign == "!=":
        return mine != other
    if sign == ">":
        return mine > other
    if sign == "<":
        return mine < other
    return mine >= other and $read(version)[0] == $read(bound)[0]


def $choose(offers, needs):
    """Return for each package the newest version that satisfies every need for it.

    Raises LookupError for a package without one.
    """
    chosen = {}
    for name in sorted(needs):
        fitting = [version for version in offers.get(name, []) if all($fits(version, need) for need in needs[name])]
        best = $newest(fitting)
        if best is None:
            raise LookupError(name)
        chosen[name] = best
    return chosen


def $outdated(installed, offers):
    """Return what could be newer: (installed, newest) by package."""
    found = {}
    for name, version in installed.items():
        newest = $newest(offers.get(name, []))
        if newest is not None and $key(newest) > $key(version):
            found[name] = (version, newest)
    return found
'''


def versions(draw: Draw) -> Draft:
    """Return a repository about versions and what needs which."""
    package = draw.pick(("releases", "verso", "pinning", "upkeep", "numbering"))
    names = {
        "package": package,
        "read": draw.pick(("read", "parse_version", "parts_of")),
        "key": draw.pick(("key", "order_key", "sort_key")),
        "newest": draw.pick(("newest", "latest", "highest")),
        "bump": draw.pick(("bump", "next_version", "raise_part")),
        "part": draw.pick(("minor", "patch")),
        "fits": draw.pick(("fits", "satisfies", "allows")),
        "choose": draw.pick(("choose", "resolve", "pick_versions")),
        "outdated": draw.pick(("outdated", "updates", "behind")),
    }
    n = {key: str(value) for key, value in names.items()}
    version = Suite(
        "version",
        f"from {package}.version import {', '.join(sorted(n[k] for k in ('read', 'key', 'newest', 'bump')))}",
    )
    needs = Suite(
        "needs",
        f"from {package}.needs import {', '.join(sorted(n[k] for k in ('fits', 'choose', 'outdated')))}",
    )
    for _ in range(4):
        x, y, z = draw.between(1, 5), draw.between(1, 12), draw.between(1, 9)
        full = f"{x}.{y}.{z}"
        version.add(
            "read", "", f"{n['read']}('{full}')", f"{n['read']}('{x}.{y}')", f"{n['read']}('{x}-rc{z}')"
        )
        some = [f"{x}.{y}.0", f"{x}.{y + 9}.{z}", f"{x}.{y + 9}.{z + 1}-beta", f"{x - 1}.99"]
        version.add(
            "newest",
            "",
            f"{n['newest']}({draw.shuffled(some)})",
            f"{n['newest']}({some}, True)",
            f"{n['newest']}(['{x}-a'])",
        )
        version.add("order", "", f"sorted({draw.shuffled([*some, f'{x}.{y}.0-rc1'])}, key={n['key']})")
        version.add(
            "bump",
            "",
            f"{n['bump']}('{full}')",
            *(f"{n['bump']}('{full}', '{part}')" for part in ("major", "minor", "patch")),
        )
        version.add(
            "bump_marked", "", f"{n['bump']}('{full}-rc1', 'patch')", f"{n['bump']}('{full}-rc1', 'major')"
        )
        needs.add(
            "bounds",
            "",
            *(f"{n['fits']}('{full}', '{sign}{full}')" for sign in (">=", ">", "<=", "<", "!=", "==")),
        )
        needs.add(
            "range",
            "",
            f"{n['fits']}('{full}', '>={x}, <{x + 1}')",
            f"{n['fits']}('{x + 1}', '>={x}, <{x + 1}')",
            f"{n['fits']}('{full}', '')",
        )
        needs.add(
            "same_major",
            "",
            f"{n['fits']}('{x}.{y + 1}', '^{full}')",
            f"{n['fits']}('{x + 1}.0', '^{full}')",
            f"{n['fits']}('{x}.0.1', '^{full}')",
        )
        a, b = draw.sample(("ash", "elm", "fir", "oak", "yew"), 2)
        offers = {a: [f"{x}.0", f"{x}.{y}", f"{x + 1}.0"], b: [f"{z}.1", f"{z}.2-rc1", f"{z}.1.{y}"]}
        setup = f"offers = {offers}"
        needs.add(
            "choose",
            setup,
            f"{n['choose']}(offers, {{'{a}': ['<{x + 1}'], '{b}': ['>={z}']}})",
            f"{n['choose']}(offers, {{'{a}': ['>{x}', '!={x + 1}']}})",
        )
        needs.add(
            "no_choice",
            setup,
            f"{n['choose']}(offers, {{'{a}': ['>{x + 1}']}})",
            f"{n['choose']}(offers, {{'zzz': []}})",
        )
        needs.add(
            "outdated",
            setup,
            f"{n['outdated']}({{'{a}': '{x}.{y}', '{b}': '{z}.1.{y}', 'zzz': '1'}}, offers)",
        )
    version.add(
        "no_version",
        "",
        *(f"{n['read']}({text!r})" for text in ("", "1.2.3.4", "1.x")),
        f"{n['bump']}('1', 'none')",
        f"{n['newest']}([])",
    )
    needs.add("no_sign", "", f"{n['fits']}('1', '1.2')")
    modules = {"version": fill(_VERSION, names), "needs": fill(_NEEDS, names)}
    parts = {"version": "versions and their order", "needs": "ranges and choices"}
    return Draft(
        "versions", package, "Compares versions and chooses among them.", modules, [version, needs], parts
    )


_MATCHES = '''
"""Matches and who plays whom."""


def $pairings(players):
    """Return the rounds in which everybody meets everybody once; with an odd number one rests."""
    field = list(players)
    if len(field) % 2 == 1:
        field.append(None)
    rounds = []
    for _ in range(len(field) - 1):
        half = len(field) // 2
        pairs = [(field[place], field[-1 - place]) for place in range(half)]
        rounds.append([pair for pair in pairs if None not in pair])
        field = [field[0]] + [field[-1]] + field[1:-1]
    return rounds


def $outcome(home, away):
    """Return the points of both sides for goals."""
    if home > away:
        return ($win, 0)
    if home < away:
        return (0, $win)
    return ($draw, $draw)


def $unplayed(players, results):
    """Return the pairs that have not met, whichever was at home."""
    met = {frozenset((home, away)) for home, away, _, _ in results}
    missing = []
    for place, one in enumerate(players):
        for other in players[place + 1:]:
            if frozenset((one, other)) not in met:
                missing.append((one, other))
    return missing
'''

_TABLE = '''
"""The table after some results (home, away, goals, goals)."""

from $package.matches import $outcome


def $table(results, players=None):
    """Return rows (name, played, points, difference), the best first.

    Equal points are told apart by the difference of goals, then by name.
    """
    rows = {}
    for name in players or []:
        rows[name] = {"played": 0, "points": 0, "difference": 0}
    for home, away, scored, against in results:
        gained = $outcome(scored, against)
        for name, points, difference in ((home, gained[0], scored - against), (away, gained[1], against - scored)):
            row = rows.setdefault(name, {"played": 0, "points": 0, "difference": 0})
            row["played"] += 1
            row["points"] += points
            row["difference"] += difference
    ordered = sorted(rows.items(), key=lambda item: (-item[1]["points"], -item[1]["difference"], item[0]))
    return [(name, row["played"], row["points"], row["difference"]) for name, row in ordered]


def $streak(results, name):
    """Return the longest run of wins of a player."""
    best = 0
    run = 0
    for home, away, scored, against in results:
        if name not in (home, away):
            continue
        won = scored > against if name == home else against > scored
        if won:
            run += 1
            best = max(best, run)
        else:
            run = 0
    return best


def $champion(results, rounds_left):
    """Return the leader if nobody can draw level any more, else None."""
    rows = $table(results)
    if not rows:
        return None
    if len(rows) > 1 and rows[0][2] - rows[1][2] <= $win * rounds_left:
        return None
    return rows[0][0]
'''


def tournaments(draw: Draw) -> Draft:
    """Return a repository about matches and tables."""
    package = draw.pick(("league", "fixtures", "tourney", "standings", "playoff"))
    win = draw.pick((2, 3, 4))
    names = {
        "package": package,
        "win": win,
        "draw": 1,
        "pairings": draw.pick(("pairings", "rounds_of", "round_robin")),
        "outcome": draw.pick(("outcome", "points_for", "score")),
        "unplayed": draw.pick(("unplayed", "still_to_play", "open_pairs")),
        "table": draw.pick(("table", "ranking", "standing")),
        "streak": draw.pick(("streak", "best_run", "wins_in_a_row")),
        "champion": draw.pick(("champion", "decided", "winner")),
    }
    n = {key: str(value) for key, value in names.items()}
    matches = Suite(
        "matches",
        f"from {package}.matches import {', '.join(sorted(n[k] for k in ('pairings', 'outcome', 'unplayed')))}",
    )
    table = Suite(
        "table",
        f"from {package}.table import {', '.join(sorted(n[k] for k in ('table', 'streak', 'champion')))}",
    )
    teams = ("Ants", "Bees", "Cats", "Dogs", "Elks", "Foxes", "Gnus")
    for _ in range(4):
        size = draw.between(3, 5)
        field = draw.sample(teams, size)
        matches.add(
            "pairings", "", f"{n['pairings']}({field})", f"len({n['pairings']}({draw.sample(teams, 6)}))"
        )
        x, y = draw.between(0, 3), draw.between(4, 6)
        matches.add(
            "outcome",
            "",
            f"{n['outcome']}({x}, {y})",
            f"{n['outcome']}({y}, {x})",
            f"{n['outcome']}({x}, {x})",
        )
        results = []
        for _ in range(draw.between(4, 7)):
            one, other = draw.sample(field, 2)
            results.append((one, other, draw.between(0, 4), draw.between(0, 4)))
        matches.add(
            "unplayed", "", f"{n['unplayed']}({field}, {results})", f"{n['unplayed']}({field}, {results[:2]})"
        )
        table.add("table", "", f"{n['table']}({results})", f"{n['table']}({results[:1]}, {field})")
        run = [
            (field[0], field[1], y, x),
            (field[1], field[0], x, y),
            (field[2], field[1], y, x),
            (field[0], field[2], x, x),
            (field[0], field[1], y, x),
        ]
        table.add(
            "streak", "", f"{n['streak']}({run}, '{field[0]}')", f"{n['streak']}({results}, '{field[2]}')"
        )
        lead = [(field[0], field[1], y, x), (field[0], field[2], y, 0), (field[1], field[2], x, x)]
        table.add(
            "champion",
            "",
            f"{n['champion']}({lead}, 1)",
            f"{n['champion']}({lead}, 0)",
            f"{n['champion']}({lead}, 3)",
        )
    table.add("nothing", "", f"{n['table']}([])", f"{n['champion']}([], 1)", f"{n['streak']}([], 'x')")
    table.add("same_points", "", f"{n['table']}([('b', 'a', 2, 2), ('c', 'd', 3, 1)])")
    modules = {"matches": fill(_MATCHES, names), "table": fill(_TABLE, names)}
    parts = {"matches": "pairs and points", "table": "the table"}
    return Draft(
        "tournaments", package, "Plans matches and ranks those who play.", modules, [matches, table], parts
    )
