"""Pieces of text for the tests of instructions."""

from __future__ import annotations

# What texts are made of, so that marks, words and lines meet in every way.
PIECES = [
    "the oak", "An elm", "cat", "concatenate", "NASA", "*", "**", "***", "******", "* item\n", "- item\n", "---", "\n",
    "\n\n", " ", "\t", ".", "?", "!", ",", "...", "P.S.", "p. p. s", "<<a title>>", "<<", ">>", "[a]", "[", "]", "*hi*",
    "**bold**", "Section 1", "SECTION 2", "2.5", "Mr. Kay", "U.S.A. They", "Ph.D.", "Inc. He", '"', "'", "\u201d",
    "My answer is yes.", "```json", "```", '{"a": 1}', "\u0130", "\u00df", "\u212a", "\u00e9", "\u2028", "\x1c", "\x85",
    "\ud800", "<prd>", "<stop>", "level", "-", "_",
]  # fmt: skip
