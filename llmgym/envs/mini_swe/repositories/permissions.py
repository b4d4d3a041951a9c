"""Roles and rights."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["permissions"]

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
