"""Graders as pure functions: text and expectation in, :class:`~llmgym.verdict.Verdict` out."""
