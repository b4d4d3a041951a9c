"""Matches and tables."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["tournaments"]

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
