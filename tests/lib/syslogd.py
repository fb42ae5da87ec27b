#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes what the world's programs say to /dev/log and writes it to a file, a line each, as
"facility.severity tag[pid]: text"."""

import os
import re
import socket
import sys

FACILITIES = ["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
              "authpriv", "ftp"]
SEVERITIES = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]
# "<86>Nov 22 20:30:00 " and what follows; the date is libc's and may be missing.
FORM = re.compile(rb"<(\d+)>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d )?(.*)", re.DOTALL)

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind("/dev/log")
os.chmod("/dev/log", 0o666)
with open(sys.argv[1], "ab", buffering=0) as log:
    while True:
        message = listener.recv(65536)
        form = FORM.match(message)
        if not form:
            continue
        number = int(form[1])
        facility = FACILITIES[number >> 3] if number >> 3 < len(FACILITIES) else "local"
        text = form[2].rstrip(b"\n\0").replace(b"\n", b" ")
        log.write(f"{facility}.{SEVERITIES[number & 7]} ".encode() + text + b"\n")
