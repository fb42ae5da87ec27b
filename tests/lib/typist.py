# SPDX-License-Identifier: GPL-2.0-or-later
"""typist.py TEXT PATTERN COMMAND ...

Starts a shell on a terminal of its own, waits for its prompt ("READY>"), types TEXT ("\\t" is TAB)
and waits until what the terminal shows of the line matches the regular expression. Exits with 1
where that does not happen in 30 seconds.
"""
import os
import pty
import re
import select
import sys
import time


def read_until(terminal, pattern, deadline):
    shown = ""
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            shown += os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            break
        # Without colours, movements of the cursor and titles.
        plain = re.sub(r"\x1b\[[0-9;?>=]*[a-zA-Z]|\x1b\][^\x07]*\x07|\x1b[=>()][B0]?", "", shown)
        if re.search(pattern, plain):
            return plain
    sys.exit(f"typist: {pattern} did not appear in: {shown!r}")


text, pattern, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
deadline = time.monotonic() + 30
read_until(terminal, r"READY>", deadline)
os.write(terminal, text.encode().decode("unicode_escape").encode())
print(read_until(terminal, pattern, deadline))
os.kill(pid, 9)
