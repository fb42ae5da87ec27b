#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes what is said to the journal's own socket and writes the messages to a file, a line each:
a journald that can be stopped, and goes on without having noticed."""

import os
import socket
import struct
import sys

PATH = "/run/systemd/journal/socket"


def fields(entry):
    while entry:
        key, entry = entry.split(b"\n", 1)
        if b"=" in key:
            key, value = key.split(b"=", 1)
        else:
            length, = struct.unpack("<Q", entry[:8])
            value, entry = entry[8:8 + length], entry[8 + length + 1:]
        yield key.decode(), value.decode()


os.makedirs(os.path.dirname(PATH), exist_ok=True)
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(PATH)
os.chmod(PATH, 0o666)
with open(sys.argv[1], "a", buffering=1) as log:
    while True:
        entry = dict(fields(listener.recv(65536)))
        log.write(f"{entry['MESSAGE']}\n")
