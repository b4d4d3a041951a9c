"""Directed graphs, and walks through them."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["graphs"]

_GRAPH = '''
"""A directed graph with lengths on its edges."""


class $Graph:
    """Nodes and edges; an edge that is added twice keeps the shorter length."""

    def __init__(self, edges=()):
        self._out = {}
        for source, target, length in edges:
            self.connect(source, target, length)

    def connect(self, source, target, length=1):
        """Add an edge, and its ends."""
        if length < 0:
            raise ValueError("a length is never below zero")
        out = self._out.setdefault(source, {})
        self._out.setdefault(target, {})
        if target not in out or length < out[target]:
            out[target] = length

    def nodes(self):
        """Return all nodes in order."""
        return sorted(self._out)

    def out(self, node):
        """Return the edges that leave a node: their lengths by target, a copy."""
        return dict(self._out[node])

    def degree(self, node):
        """Return how many edges leave a node, and how many enter it."""
        entering = sum(1 for out in self._out.values() if node in out)
        return (len(self._out[node]), entering)

    def reverse(self):
        """Return a graph with every edge turned round."""
        turned = $Graph()
        for source, out in self._out.items():
            turned._out.setdefault(source, {})
            for target, length in out.items():
                turned.connect(target, source, length)
        return turned
'''

_WALKS = '''
"""Walks through a graph."""

import heapq


def $reach(graph, start, most=None):
    """Return the nodes that can be reached, with the fewest edges to each; at most so many edges."""
    steps = {start: 0}
    waiting = [start]
    while waiting:
        node = waiting.pop(0)
        if most is not None and steps[node] >= most:
            continue
        for target in sorted(graph.out(node)):
            if target not in steps:
                steps[target] = steps[node] + 1
                waiting.append(target)
    return steps


def $shortest(graph, start, goal):
    """Return the shortest way as (length, nodes), or None when there is none."""
    queue = [(0, [start])]
    done = set()
    while queue:
        length, way = heapq.heappop(queue)
        node = way[-1]
        if node == goal:
            return (length, way)
        if node in done:
            continue
        done.add(node)
        for target, more in graph.out(node).items():
            if target not in done:
                heapq.heappush(queue, (length + more, way + [target]))
    return None


def $order(graph):
    """Return the nodes so that every edge leads forward, the smallest first where there is a choice.

    Raises ValueError when the graph has a cycle.
    """
    entering = {node: graph.degree(node)[1] for node in graph.nodes()}
    ready = [node for node in graph.nodes() if entering[node] == 0]
    ordered = []
    while ready:
        node = min(ready)
        ready.remove(node)
        ordered.append(node)
        for target in graph.out(node):
            entering[target] -= 1
            if entering[target] == 0:
                ready.append(target)
    if len(ordered) < len(entering):
        raise ValueError("the graph has a cycle")
    return ordered


def $parts(graph):
    """Return the sets of nodes that hang together, whichever way the edges point."""
    back = graph.reverse()
    found = []
    seen = set()
    for start in graph.nodes():
        if start in seen:
            continue
        part = set()
        stack = [start]
        while stack:
            node = stack.pop()
            if node in part:
                continue
            part.add(node)
            stack.extend(graph.out(node))
            stack.extend(back.out(node))
        seen |= part
        found.append(sorted(part))
    return found
'''


def graphs(draw: Draw) -> Draft:
    """Return a repository about a directed graph and walks through it."""
    package = draw.pick(("waynet", "routes", "nodekit", "pathways", "webwork"))
    graph = draw.pick(("Graph", "Network", "Net", "Web"))
    names = {
        "package": package,
        "Graph": graph,
        "reach": draw.pick(("reach", "distances", "spread")),
        "shortest": draw.pick(("shortest", "best_way", "route")),
        "order": draw.pick(("order", "arrange", "line_up")),
        "parts": draw.pick(("parts", "islands", "pieces")),
    }
    graph_tests = Suite("graph", f"from {package}.graph import {graph}")
    walks = Suite(
        "walks",
        f"from {package}.graph import {graph}\n"
        f"from {package}.walks import {names['order']}, {names['parts']}, {names['reach']}, {names['shortest']}",
    )

    def edges(count: int, forward: bool) -> list[tuple[str, str, int]]:
        nodes = "abcdefgh"[: draw.between(5, 8)]
        drawn = []
        for _ in range(count):
            one, other = sorted(draw.sample(nodes, 2))
            if not forward and draw.chance(0.35):
                one, other = other, one
            drawn.append((one, other, draw.between(1, 12)))
        return drawn

    for _ in range(4):
        some = edges(draw.between(7, 11), False)
        first, last = some[0][0], some[-1][1]
        setup = f"graph = {graph}({some})"
        graph_tests.add(
            "degree", setup, "graph.nodes()", f"graph.degree('{first}')", f"graph.degree('{last}')"
        )
        graph_tests.add("reverse", setup, f"graph.reverse().out('{last}')", "graph.reverse().nodes()")
        graph_tests.add("out_is_a_copy", f"{setup}\ngraph.out('{first}').clear()", f"graph.out('{first}')")
        walks.add(
            "reach", setup, f"{names['reach']}(graph, '{first}')", f"{names['reach']}(graph, '{first}', 1)"
        )
        walks.add("shortest", setup, f"{names['shortest']}(graph, '{first}', '{last}')")
        walks.add("parts", f"{setup}\ngraph.connect('x', 'y')", f"{names['parts']}(graph)")
        ordered = edges(draw.between(6, 9), True)
        walks.add("order", f"graph = {graph}({ordered})", f"{names['order']}(graph)")
        a, b, _ = ordered[0]
        walks.add(
            "cycle", f"graph = {graph}({ordered})\ngraph.connect('{b}', '{a}')", f"{names['order']}(graph)"
        )
    for _ in range(2):
        x = draw.between(3, 20)
        graph_tests.add(
            "shorter_edge_stays",
            f"graph = {graph}()\ngraph.connect('p', 'q', {x})\ngraph.connect('p', 'q', {x - 1})\ngraph.connect('p', 'q', {x + 4})",
            "graph.out('p')",
        )
        graph_tests.add(
            "length_one",
            f"graph = {graph}()\ngraph.connect({x}, {x + 1})",
            f"graph.out({x})",
            f"graph.out({x + 1})",
        )
    graph_tests.add(
        "bad_length",
        f"graph = {graph}()",
        "graph.connect('a', 'b', -1)",
        "graph.connect('a', 'b', 0)",
        "graph.nodes()",
    )
    walks.add(
        "no_way",
        f"graph = {graph}([('a', 'b', 2)])",
        f"{names['shortest']}(graph, 'b', 'a')",
        f"{names['shortest']}(graph, 'a', 'a')",
    )
    modules = {"graph": fill(_GRAPH, names), "walks": fill(_WALKS, names)}
    parts = {"graph": "the graph itself", "walks": "searches and orders"}
    return Draft(
        "graphs", package, "Directed graphs and walks through them.", modules, [graph_tests, walks], parts
    )
