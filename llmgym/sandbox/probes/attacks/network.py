"""Reaching anybody outside. Standard library only; nothing leaves the loopback interface."""

from __future__ import annotations

import os
import socket
import subprocess
from typing import Any

from .calls import NotApplicable

Facts = dict[str, Any]
_NETLINK, _PACKET, _ALG, _VSOCK, _XDP = 16, 17, 38, 40, 44


def _open(family: int, *kinds: int) -> str | None:
    refused: OSError | None = None
    for kind in kinds or (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(family, kind).close()
            return f"opened a socket of family {family}"
        except OSError as error:
            refused = error
    raise refused or OSError()


def open_inet(facts: Facts) -> str | None:
    """Open an IPv4 socket."""
    return _open(socket.AF_INET)


def open_inet6(facts: Facts) -> str | None:
    """Open an IPv6 socket."""
    return _open(socket.AF_INET6)


def open_netlink(facts: Facts) -> str | None:
    """Open a netlink socket, by which networks are configured."""
    return _open(_NETLINK, socket.SOCK_RAW)


def open_packet(facts: Facts) -> str | None:
    """Open a packet socket."""
    return _open(_PACKET)


def open_vsock(facts: Facts) -> str | None:
    """Open a socket to the hypervisor, which network namespaces do not cover."""
    return _open(_VSOCK)


def open_alg(facts: Facts) -> str | None:
    """Open a socket to the kernel's cryptography."""
    return _open(_ALG, socket.SOCK_SEQPACKET)


def open_unix(facts: Facts) -> str | None:
    """Open a local socket."""
    return _open(socket.AF_UNIX)


def open_every_family(facts: Facts) -> str | None:
    """Open a socket of any family."""
    opened = []
    for family in range(47):
        try:
            _open(family, 1, 2, 3, 5)
            opened.append(family)
        except OSError:
            continue
    return f"opened sockets of the families {opened}" if opened else None


def connect_to_loopback(facts: Facts) -> str | None:
    """Connect to a server of the host."""
    with socket.create_connection(("127.0.0.1", facts["port"]), timeout=2):
        return "connected to a server of the host"


def connect_by_shell(facts: Facts) -> str | None:
    """Connect to a server of the host through the shell's own network files."""
    command = f"exec 3<>/dev/tcp/127.0.0.1/{facts['port']}"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, timeout=5, check=False)
    return None if ended.returncode else "connected to a server of the host"


def connect_to_abstract(facts: Facts) -> str | None:
    """Connect to an abstract socket of the host."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        made.connect("\0" + facts["abstract"])
        return "connected to an abstract socket of the host"


def send_from_half_a_pair(facts: Facts) -> str | None:
    """Turn half of a pair of datagram sockets, which may be made, to an abstract socket of the host."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.sendto(b"x", "\0" + facts["abstract"] + "-datagram")
        return "sent to an abstract socket of the host"


def bind_half_a_pair(facts: Facts) -> str | None:
    """Give half of a pair of datagram sockets a name that others could send to."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.bind("\0" + facts["name"])
        return "bound an abstract name"


def see_interfaces(facts: Facts) -> str | None:
    """See a network interface other than loopback."""
    try:
        with open("/proc/self/net/dev") as file:
            names = [line.split(":")[0].strip() for line in file if ":" in line]
    except FileNotFoundError:
        raise NotApplicable("there is no list of interfaces") from None
    others = [name for name in names if name not in ("lo", "sit0", "tunl0", "ip6tnl0")]
    return f"sees the interfaces {others}" if others else None


def see_sockets_of_others(facts: Facts) -> str | None:
    """See named sockets of other processes in the list of local sockets."""
    with open("/proc/self/net/unix") as file:
        named = [line.split()[-1] for line in file if len(line.split()) > 7]
    return f"sees the sockets {named[1:4]}" if len(named) > 1 else None


def resolve_name(facts: Facts) -> str | None:
    """Resolve a name that only a name server or the host's own table knows."""
    hosts = "/etc/hosts"
    if os.path.exists(hosts):
        return f"read {hosts}"
    try:
        return f"resolved localhost.localdomain: {socket.getaddrinfo('localhost.localdomain', 80)[0][4]}"
    except UnicodeError:
        return None
