#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""stray.py FILE ADDRESS PORT

Opens a socket, goes to another network namespace as anybody may, says "gone", waits until FILE is
there, and then connects: from where the socket was opened."""

import ctypes
import os
import socket
import sys
import time

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
    print("cannot:", os.strerror(ctypes.get_errno()), flush=True)
    sys.exit(1)
print("gone", flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.02)
sock.settimeout(3)
try:
    sock.connect((sys.argv[2], int(sys.argv[3])))
    print("connected", flush=True)
except OSError as error:
    print(error, flush=True)
