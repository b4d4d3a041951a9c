"""Running code that nobody has read: one small protocol, several backends."""

from llmgym.sandbox.base import HOME, Cause, Completed, FileProblem, Limits, Profile, Program, Sandbox
from llmgym.sandbox.choosing import BACKENDS, backend_of, make_sandbox

__all__ = [
    "BACKENDS",
    "HOME",
    "Cause",
    "Completed",
    "FileProblem",
    "Limits",
    "Profile",
    "Program",
    "Sandbox",
    "backend_of",
    "make_sandbox",
]
