"""YAML as ``yaml.safe_load`` reads it, with bounds on what a short text can ask for.

The pure Python loader is used, because the faster one built on libyaml does not accept the same texts.
"""

from __future__ import annotations

from typing import Any

import yaml

__all__ = ["MAX_EXPANDED_NODES", "MAX_LEVELS", "BoundedLoader", "load_yaml"]

MAX_LEVELS = 300
"""Deepest nesting, in levels. The stack of the public verifier ends near 450."""

MAX_EXPANDED_NODES = 100_000
"""Most nodes of a document with aliases, when each alias is written out."""

_MOST_CYCLIC_ALIASES = 6
_LONGEST_SEXAGESIMAL = 10_000


class BoundedLoader(yaml.SafeLoader):
    """The safe loader of PyYAML, which also refuses deep nesting and documents that grow when aliases are written out."""

    def __init__(self, text: str):
        super().__init__(text)
        self._aliases = 0

    def fetch_flow_collection_start(self, TokenClass: Any) -> None:
        """Enter ``[`` or ``{``."""
        self._bound(self.flow_level + len(self.indents))
        super().fetch_flow_collection_start(TokenClass)

    def add_indent(self, column: int) -> bool:
        """Enter a block collection."""
        self._bound(self.flow_level + len(self.indents))
        return super().add_indent(column)

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose a node, counting aliases."""
        if self.check_event(yaml.AliasEvent):
            self._aliases += 1
        return super().compose_node(parent, index)

    def compose_document(self) -> Any:
        """Compose the document and measure it before anything is constructed."""
        node = super().compose_document()
        if self._aliases:
            self._measure(node)
        return node

    def construct_yaml_int(self, node: Any) -> int:
        """Read an integer; one in base 60 costs the square of its length."""
        if len(node.value) > _LONGEST_SEXAGESIMAL and ":" in node.value:
            raise yaml.YAMLError(f"a number of more than {_LONGEST_SEXAGESIMAL} characters")
        return super().construct_yaml_int(node)

    def _bound(self, levels: int) -> None:
        if levels > MAX_LEVELS:
            raise yaml.YAMLError(f"nested deeper than {MAX_LEVELS} levels")

    def _measure(self, root: Any) -> None:
        sizes: dict[int, int] = {}
        entered: set[int] = set()
        cyclic = False
        stack = [(root, False)]
        while stack:
            node, left = stack.pop()
            children = _children(node)
            if left:
                sizes[id(node)] = 1 + sum(sizes.get(id(child), 1) for child in children)
                if sizes[id(node)] > MAX_EXPANDED_NODES:
                    raise yaml.YAMLError(f"aliases stand for more than {MAX_EXPANDED_NODES} nodes")
            elif id(node) in sizes:
                continue
            elif id(node) in entered:
                cyclic = True
            else:
                entered.add(id(node))
                stack.append((node, True))
                stack += [(child, False) for child in children]
        if cyclic and self._aliases > _MOST_CYCLIC_ALIASES:
            raise yaml.YAMLError(
                f"a node contains itself and there are more than {_MOST_CYCLIC_ALIASES} aliases"
            )


BoundedLoader.add_constructor("tag:yaml.org,2002:int", BoundedLoader.construct_yaml_int)


def load_yaml(text: str) -> Any:
    """Read a YAML document by the rules of ``yaml.safe_load``.

    Args:
        text: The document.

    Raises:
        Exception: Whatever PyYAML raises: mostly ``yaml.YAMLError`` and ``ValueError``.

    Example:
        >>> load_yaml("at: 1:30")
        {'at': 90}
    """
    loader = BoundedLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _children(node: Any) -> list[Any]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
