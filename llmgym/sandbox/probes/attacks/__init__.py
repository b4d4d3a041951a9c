"""Programs that try to get out of a sandbox, to reach another one, or to exhaust the machine. Standard library only.

Each is a function that takes what it may know about the host, and returns what it achieved in words, or nothing. It
may end with an ``OSError``, which is how a sandbox says no. All are bounded: where nothing stops them they write a
value that was just read, connect to loopback, and stop at a count or a size.
"""
