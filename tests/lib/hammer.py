#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""hammer.py SECONDS

Somebody who wants why.sock, or whoever is behind it, to stand still: 200 connections open at all
times, rubbish into each of them, and in between questions that are good ones. With uids of its own
to take (run as the root of a user namespace) every connection has another. Prints a line
once all are there, and how often it connected at the end."""

import errno
import os
import random
import socket
import struct
import sys
import time

SOCKET = "/run/netfence/why.sock"
QUESTION = struct.pack("=IHH", 17, 1, 33) + struct.pack("=IIIBI", 0, 0, 0, 0, 0)
RUBBISH = [
    b"", b"\0", QUESTION[:5], QUESTION, QUESTION * 3,
    struct.pack("=IHH", 0xffffffff, 1, 33) + b"x" * 100,
    struct.pack("=IHH", 2048, 1, 33) + b"\xff" * 2048,
    struct.pack("=IHH", 2049, 1, 33), struct.pack("=IHH", 0, 1, 16), struct.pack("=IHH", 0, 9, 33),
    struct.pack("=IHH", 1000, 1, 33), b"\xff" * 5000,
]

until = time.monotonic() + float(sys.argv[1])
# A user namespace with many uids in it, or only our own?
uids = 1
with open("/proc/self/uid_map") as lines:
    maps = [[int(word) for word in line.split()] for line in lines]
if os.geteuid() == 0 and maps[0][2] < 2**31:
    uids = sum(length for _, _, length in maps)

crowd, connected, began = [], 0, False
while time.monotonic() < until:
    if uids > 1:
        os.seteuid(0)
        os.seteuid(random.randrange(uids))
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        sock.connect(SOCKET)
        connected += 1
        sock.send(RUBBISH[connected % len(RUBBISH)])
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EPIPE, errno.ECONNRESET, errno.ECONNREFUSED):
            raise
    crowd.append(sock)
    if len(crowd) > 200:
        if not began:
            print("began", flush=True)
            began = True
        crowd.pop(0).close()
print(connected)
