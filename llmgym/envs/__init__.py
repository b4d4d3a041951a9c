"""The environments of the suite.

Reach them through the registry, ``gymnasium.make("llmgym/SessionState-v0")``; the table is in
:mod:`llmgym.registration`. Nothing is imported here, so that each environment loads only what it needs itself.
"""
