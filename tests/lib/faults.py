#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""faults.py WORD [ARGUMENT ...]

Has netfenced, started with tests/faults/shim.c, fail as $FAULTS says, and looks how logins fare.

  new                              the file for $FAULTS, in which nothing fails
  arm PROCESS WHAT FIRST LAST EVERY   see the shim; WHAT is memory, fork, diag, protocol, descriptors,
                                   tables
  disarm                           nothing fails any more; tells how many calls there were
  logins PROCESS[:WHAT] COMMAND USER ...  a login of a user each, in which the first allocation
                                   (or WHAT) of the process fails, then the second, and so on to the last; COMMAND
                                   is run in the middle of each, "" for none
  starts PROCESS USER ...          the same of netfenced's start, with a session that is on

The last two end with a line that counts, and fail where a login was neither refused with a reason
nor fenced in both families, or where the one after it was not fenced."""

import errno
import itertools
import json
import mmap
import os
import pwd
import signal
import socket
import struct
import subprocess
import sys
import time

import caller

WHAT = {"nothing": 0, "memory": 1, "fork": 2, "diag": 3, "protocol": 4, "descriptors": 5,
        "tables": 6}
LAYOUT = "=16sIIQQQQQ"
PATIENCE = 5  # seconds, the module's

# As the tests' hosts are laid out: what every fenced user may reach, and what nobody.
ALLOWED = [("192.0.2.10", 162), ("2001:db8::10", 162)]
FORBIDDEN = [("10.0.0.5", 5001), ("2001:db8:a::5", 5001), ("192.0.2.99", 5003)]


class Faults:
    def __init__(self):
        with open(os.environ["FAULTS"], "r+b") as file:
            self.map = mmap.mmap(file.fileno(), struct.calcsize(LAYOUT))

    def arm(self, process, what, first, last, every=0, but=0):
        self.disarm()
        struct.pack_into(LAYOUT, self.map, 0, process.encode(), 0, but, first, last, every, 0, 0)
        struct.pack_into("=I", self.map, 16, WHAT[what])

    def disarm(self):
        """(calls, failures) since it was armed."""
        struct.pack_into("=I", self.map, 16, 0)
        return self.counts()

    def counts(self):
        return struct.unpack_from(LAYOUT, self.map)[-2:]


def new():
    with open(os.environ["FAULTS"], "wb") as file:
        file.write(bytes(4096))
    os.chmod(os.environ["FAULTS"], 0o600)


# ------------------------------------------------------------------------- logins


def ask_once(user, until):
    """As the module does. An answer, or None where it has to be tried again."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(max(until - time.monotonic(), 0.01))
    try:
        sock.connect(caller.SOCKET)
        left = int(1000 * (until - time.monotonic()))
        sock.sendall(caller.message(caller.OPEN, caller.open_request(
            user, pwd.getpwnam(user).pw_uid, patience=max(left, 1))))
        answer = caller.receive(sock)
        if answer is not None and answer[0] == 64:
            sock.sendall(caller.message(caller.TAKEN))
        return answer
    except TimeoutError:
        return None
    except (FileNotFoundError, ConnectionError, BlockingIOError):
        return None
    finally:
        sock.close()


def login(user, patience=PATIENCE):
    """("FENCED", the session's name), ("REFUSED", why), or ("LATE", "")."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        answer = ask_once(user, until)
        if answer is not None:
            return caller.NAMES[answer[0]], answer[1][:16] if answer[0] == 64 \
                else answer[1][4:].decode()
        time.sleep(0.01)
    return "LATE", ""


def ask_text(operation):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(PATIENCE)
        try:
            sock.connect(caller.SOCKET)
            sock.sendall(caller.message(operation))
            answer = caller.receive(sock)
            if answer is not None:
                return answer[1][4:].decode()
        except (FileNotFoundError, ConnectionError):
            pass
        finally:
            sock.close()
        time.sleep(0.01)
    raise TimeoutError


def sessions():
    """The users who have one."""
    return [session["user"] for session in json.loads(ask_text(caller.SESSIONS))["sessions"]
            if "id" in session]


def close(name):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(PATIENCE)
        try:
            sock.connect(caller.SOCKET)
            sock.sendall(caller.message(caller.CLOSE, name))
            if caller.receive(sock) is not None:
                return
        except (FileNotFoundError, ConnectionError):
            pass
        finally:
            sock.close()
        time.sleep(0.01)


def may_send(uid, target):
    """A socket is its maker's, whoever sends."""
    family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
    os.seteuid(uid)
    try:
        sock = socket.socket(family, socket.SOCK_DGRAM)
    finally:
        os.seteuid(0)
    try:
        sock.sendto(b".", target)
        return True
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EACCES):
            raise
        return False
    finally:
        sock.close()


def is_fenced(user):
    uid = pwd.getpwnam(user).pw_uid
    return all(may_send(uid, target) for target in ALLOWED) and \
        not any(may_send(uid, target) for target in FORBIDDEN)


# ------------------------------------------------------------------------- one after another


class Tally:
    def __init__(self, process):
        self.process = process
        self.reasons = {}
        self.fenced = self.refused = self.late = 0
        self.wrong = []

    def count(self, number, user, answer):
        what, rest = answer
        if what == "FENCED":
            self.fenced += 1
            if not is_fenced(user):
                self.wrong.append(f"{number}: {user} was told of a fence that is not there")
        elif (what == "REFUSED" and rest) or (what == "ERROR" and "no memory" in rest):
            self.refused += 1
            self.reasons[rest] = self.reasons.get(rest, 0) + 1
        else:
            self.late += 1
            self.wrong.append(f"{number}: {what} {rest}")

    def after(self, number, user, answer):
        if answer[0] != "FENCED":
            self.wrong.append(f"{number}: the next login: {answer[0]} {answer[1]}")
        elif not is_fenced(user):
            self.wrong.append(f"{number}: the next login is not fenced")

    def end(self, number):
        for reason, times in self.reasons.items():
            print(f"# {self.process}: {times} times: {reason}")
        print(f"{self.process}: {number} failed in turn: {self.fenced} fenced, "
              f"{self.refused} refused, {self.late} late, {len(self.wrong)} wrong")
        for line in self.wrong[:40]:
            print("number", line)
        sys.exit(1 if self.wrong else 0)


def netfenced_pid():
    with open(os.environ["NETFENCED_PID"], encoding="ascii") as file:
        return int(file.read())


def settled(process, supervisor):
    """Waits until it is there, and waits for work: no login waits for all of them, and one that
    comes back only later would fail nowhere."""
    until = time.monotonic() + PATIENCE
    while process != "netfenced" and time.monotonic() < until:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                    name, _, rest = file.read().partition(" (")[2].rpartition(") ")
            except OSError:
                continue
            if name == process and rest.split()[:2] == ["S", str(supervisor)]:
                return
        time.sleep(0.002)


def logins(process, command, *users):
    faults, tally, number = Faults(), Tally(process), 0
    process, _, what = process.partition(":")
    users = iter(users)
    while True:
        number += 1
        user, other = next(users), next(users)
        settled(process, netfenced_pid())
        faults.arm(process, what or "memory", number, number)
        answer = login(user)
        if command:
            subprocess.run(command, shell=True, check=False)
        _, failed = faults.disarm()
        if not failed:
            break
        tally.count(number, user, answer)
        after = login(other)
        tally.after(number, other, after)
        if tally.wrong and "FAULTS_STOP" in os.environ:
            break
        for kind, name in answer, after:
            if kind == "FENCED":
                close(name)
    tally.end(number - 1)


def starts(process, *users):
    """Each start is another netfenced's, so that no pause after a failure adds up. In the first two
    nothing fails, and the second is counted: what a process allocates later on, looking around, is
    no start's, and on a slow machine there is always more of that."""
    faults, tally, number, most = Faults(), Tally(process), -1, 0
    pid_file = os.environ["NETFENCED_PID"]
    users = itertools.cycle(users)
    while number <= most:
        with open(pid_file, encoding="ascii") as file:
            pid = int(file.read())
        faults.arm(process, "memory", max(number, 0), max(number, 0), but=pid)
        os.kill(pid, signal.SIGKILL)
        user = next(users)
        while True:
            with open(pid_file, encoding="ascii") as file:
                text = file.read()
            if text and int(text) != pid:
                break
            time.sleep(0.002)
        answer = login(user)
        settled(process, int(text))
        # What it is asked at a start no login waits for, but the next reload does.
        if process == "netfenced-names":
            subprocess.run("netfencectl reload > /dev/null", shell=True, check=False)
        calls, failed = faults.disarm()
        if number < 1:
            most = calls
        elif not failed:
            break
        else:
            tally.count(number, user, answer)
        if "alice" not in sessions():
            tally.wrong.append(f"{number}: alice's session is lost")
        if json.loads(ask_text(caller.STATUS))["rules"].get("source") != "files":
            tally.wrong.append(f"{number}: other rules than those in the files")
        after = login(user)
        tally.after(number, user, after)
        if tally.wrong and "FAULTS_STOP" in os.environ:
            break
        for kind, name in answer, after:
            if kind == "FENCED":
                close(name)
        number += 1
    tally.end(number - 1)


def arm(process, what, first, last, every="0"):
    Faults().arm(process, what, int(first), int(last), int(every))


def disarm():
    print("%d calls, %d failed" % Faults().disarm())


if __name__ == "__main__":
    {"new": new, "arm": arm, "disarm": disarm, "logins": logins,
     "starts": starts}[sys.argv[1]](*sys.argv[2:])
