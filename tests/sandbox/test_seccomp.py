"""The compiled filter, run step by step as the kernel would."""

from __future__ import annotations

import errno
import struct

import pytest

from llmgym.sandbox.seccomp import _REFUSED, compile_filter

ALLOW, KILL = "allow", "kill"
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> object:
    """Interpret the filter for one call: ``allow``, ``kill``, or the error code that the caller gets."""
    words = [argument & (2**64 - 1) for argument in (*arguments, *[0] * (6 - len(arguments)))]
    data = struct.pack("<IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *words)
    code = compile_filter(machine)
    steps = [struct.unpack_from("<HBBI", code, at) for at in range(0, len(code), 8)]
    assert len(steps) < 4096
    at = register = 0
    while True:
        kind, when, otherwise, value = steps[at]
        at += 1
        if kind == 0x20:
            (register,) = struct.unpack_from("<I", data, value)
        elif kind == 0x06:
            return {0x7FFF0000: ALLOW, 0x80000000: KILL}.get(value, value & 0xFFFF)
        else:
            holds = {0x15: register == value, 0x35: register >= value, 0x45: bool(register & value)}[kind]
            at += when if holds else otherwise


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_every_listed_call_is_refused(machine):
    column = list(ARCHITECTURES).index(machine)
    for name, numbers in _REFUSED.items():
        if numbers[column] is not None:
            assert verdict(machine, numbers[column]) == errno.EPERM, name


def test_no_number_is_listed_twice():
    for column in (0, 1):
        numbers = [row[column] for row in _REFUSED.values() if row[column] is not None]
        assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    "number", [0, 1, 3, 9, 39, 57, 58, 59, 61, 62, 202, 231, 257, 262, 293, 318, 434, 436]
)
def test_what_programs_live_on_is_allowed(number):
    assert verdict("x86_64", number) == ALLOW


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_calls_that_nobody_has_looked_at_do_not_exist(machine):
    assert verdict(machine, 469) == ALLOW
    assert {verdict(machine, number) for number in range(471, 1000)} == {errno.ENOSYS}


def test_other_architectures_end_the_process():
    assert verdict("x86_64", 1, architecture=0x40000003) == KILL
    assert verdict("aarch64", 64, architecture=0x40000028) == KILL
    assert verdict("x86_64", 1 | 0x40000000) == errno.ENOSYS


@pytest.mark.parametrize(("machine", "clone"), [("x86_64", 56), ("aarch64", 220)])
def test_a_clone_may_not_make_a_namespace(machine, clone):
    assert verdict(machine, clone, 0x01200011) == ALLOW
    assert verdict(machine, clone, 0x3D0F00) == ALLOW
    for flag in (0x20000, 0x80, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(machine, clone, flag | 0x11) == errno.EPERM, hex(flag)
    assert verdict(machine, 435) == errno.ENOSYS


def test_sockets_are_local_pairs_only():
    for family in range(46):
        assert verdict("x86_64", 41, family, 1) == errno.EAFNOSUPPORT
        assert verdict("x86_64", 53, family, 1) == (ALLOW if family == 1 else errno.EAFNOSUPPORT)


def test_locks_are_granted_without_effect_notes_refused_and_other_uses_of_fcntl_allowed():
    for command in range(2048):
        expected = errno.ENOLCK if command in (5, 36, 1024, 1026, 1036, 1038, 1040) else ALLOW
        assert verdict("x86_64", 72, 3, command) == (0 if command in (6, 7, 37, 38) else expected)
    for machine, flock in (("x86_64", 73), ("aarch64", 32)):
        assert verdict(machine, flock, 3, 2) == 0


def test_nobody_types_into_a_terminal():
    assert verdict("x86_64", 16, 0, 0x5412) == verdict("x86_64", 16, 0, 0x541C) == errno.EPERM
    assert verdict("x86_64", 16, 0, 0x5401) == ALLOW


def test_limits_of_other_processes_stay():
    assert verdict("x86_64", 302, 0, 7) == ALLOW
    assert verdict("x86_64", 302, 1, 7) == errno.EPERM


def test_an_unknown_processor_is_said_so():
    with pytest.raises(ValueError, match="riscv64"):
        compile_filter("riscv64")


def test_the_share_of_the_processor_of_other_processes_stays():
    for number in (144, 142, 314, 203):
        assert verdict("x86_64", number, 0) == ALLOW
        assert verdict("x86_64", number, 1) == errno.EPERM
    assert verdict("x86_64", 141, 0, 0, 19) == ALLOW
    for which, who in ((0, 1), (1, 0), (2, 0), (1, 1)):
        assert verdict("x86_64", 141, which, who, 19) == errno.EPERM


def test_memory_that_nobody_could_count_is_refused():
    for shared in (0x21, 0x23, 0x8021, 0x40022, 0x40001):
        assert verdict("x86_64", 9, 0, 4096, 3, shared) == errno.EPERM
    for counted in (0x22, 0x20022, 1, 2, 0x802, 0x32):
        assert verdict("x86_64", 9, 0, 4096, 3, counted) == ALLOW


def test_memory_stays_where_it_is_counted():
    assert {verdict("x86_64", 28, 0, 4096, advice) for advice in (0, 3, 4, 8, 14)} == {ALLOW}
    assert verdict("x86_64", 28, 0, 4096, 20) == verdict("x86_64", 28, 0, 4096, 21) == errno.EPERM
