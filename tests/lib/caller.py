#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""caller.py WORD [ARGUMENT ...]

Speaks to netfenced.sock as no module would. Each word prints what came back, a line each: the
answer's name and its text, or "hung up"."""

import os
import random
import signal
import socket
import struct
import sys
import time

SOCKET = os.environ.get("SOCKET", "/run/netfence/netfenced.sock")
OPEN, TAKEN, CLOSE, STATUS, SESSIONS, WHY = 1, 2, 3, 16, 17, 33
NAMES = {64: "FENCED", 65: "FREE", 66: "REFUSED", 67: "DONE", 68: "TEXT", 69: "ERROR", 70: "BUSY"}
PATIENCE = 20  # seconds; netfenced gives up long before


def connect():
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # With a timeout it would not wait for room in a full backlog: unix(7) says EAGAIN then.
    sock.connect(SOCKET)
    sock.settimeout(PATIENCE)
    return sock


def message(operation, payload=b"", version=1, length=None):
    return struct.pack("=IHH", len(payload) if length is None else length, version,
                       operation) + payload


def string(text):
    text = text.encode()
    return struct.pack("=I", len(text)) + text


def open_request(user, uid, ranges=(), patience=15000):
    netns = os.stat("/proc/self/ns/net")
    return (struct.pack("=III", patience, uid, uid) + string(user) +
            struct.pack("=I", 1) + string("supporters") +
            struct.pack("=I", len(ranges)) +
            b"".join(struct.pack("=II", *pair) for pair in ranges) +
            struct.pack("=QQ", netns.st_dev, netns.st_ino) +
            string("caller") + string("") + string("") + string("") + string(""))


def receive(sock):
    """(operation, payload), or None."""
    data = b""
    try:
        while len(data) < 8:
            more = sock.recv(8 - len(data))
            if not more:
                return None
            data += more
        length, _, operation = struct.unpack("=IHH", data)
        payload = b""
        while len(payload) < length:
            more = sock.recv(length - len(payload))
            if not more:
                return None
            payload += more
        return operation, payload
    except ConnectionError:
        return None


def tell(answer):
    if answer is None:
        print("hung up", flush=True)
        return
    operation, payload = answer
    text = payload[4:].decode("utf-8", "replace") if operation in (65, 66, 68, 69) else ""
    print((NAMES.get(operation, str(operation)) + " " + text).rstrip(), flush=True)


def say(data):
    sock = connect()
    send_rubbish(sock, data)
    tell(receive(sock))


def send_rubbish(sock, data):
    try:
        sock.sendall(data)
    except ConnectionError:
        pass


def rubbish(rounds):
    """Any bytes, in any pieces, some with a good beginning."""
    chance = random.Random(1)
    for _ in range(int(rounds)):
        sock = connect()
        data = chance.randbytes(chance.randrange(1, 400))
        if chance.randrange(2):
            data = message(chance.choice([1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 23, 64]), data)
        if chance.randrange(4) == 0:
            data += message(OPEN, data)
        send_rubbish(sock, data)
        if chance.randrange(2):
            sock.shutdown(socket.SHUT_WR)
        sock.close()


def cut_short():
    """A good OPEN, cut at each byte."""
    data = message(OPEN, open_request("alice", uid_of("alice")))
    for length in range(len(data)):
        sock = connect()
        send_rubbish(sock, data[:length])
        sock.close()


def uid_of(user):
    import pwd
    return pwd.getpwnam(user).pw_uid


def crowd(number):
    """So many at once that say nothing; then says that they are there, and stays."""
    sockets = []
    for _ in range(int(number)):
        sockets.append(connect())
    print("here", len(sockets), flush=True)
    signal.pause()


def hold(user, number):
    """So many sessions, each taken; then says so, and stays."""
    sessions = 0
    for _ in range(int(number)):
        sock = connect()
        sock.sendall(message(OPEN, open_request(user, uid_of(user))))
        answer = receive(sock)
        if answer is None or answer[0] != 64:
            tell(answer)
            break
        sock.sendall(message(TAKEN))
        sock.close()
        sessions += 1
    print("here", sessions, flush=True)
    signal.pause()


def not_taken(user):
    """Asks, and never takes the answer."""
    sock = connect()
    sock.sendall(message(OPEN, open_request(user, uid_of(user))))
    tell(receive(sock))
    tell(receive(sock))


def ask_and_die(user):
    sock = connect()
    sock.sendall(message(OPEN, open_request(user, uid_of(user))))
    os.kill(os.getpid(), signal.SIGKILL)


def open_and_stay(user, ranges=""):
    pairs = [tuple(int(n) for n in pair.split("-")) for pair in ranges.split(",") if pair]
    sock = connect()
    sock.sendall(message(OPEN, open_request(user, uid_of(user), pairs)))
    answer = receive(sock)
    tell(answer)
    if answer and answer[0] == 64:
        sock.sendall(message(TAKEN))
        signal.pause()


def close_wrongly(user):
    sock = connect()
    sock.sendall(message(OPEN, open_request(user, uid_of(user))))
    _, payload = receive(sock)
    number, key = struct.unpack("=QQ", payload[:16])
    sock.sendall(message(TAKEN))
    for pair in (number, key ^ 1), (number + 1, key), (number, 0), (number, key), (number, key):
        say(message(CLOSE, struct.pack("=QQ", *pair)))


def many_requests():
    """More than one question to a connection."""
    for second in message(STATUS), message(TAKEN), message(OPEN, open_request("carol", 1)):
        sock = connect()
        sock.sendall(message(OPEN, open_request("alice", uid_of("alice"))) + second + second)
        while True:
            answer = receive(sock)
            tell(answer)
            if answer is None:
                break


def hand_over(*command):
    """Runs a command with netfenced.sock as systemd hands it over."""
    try:
        os.unlink(SOCKET)
    except FileNotFoundError:
        pass
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o177)
    listening.bind(SOCKET)
    os.umask(old)
    listening.listen(16)
    if listening.fileno() != 3:
        os.dup2(listening.fileno(), 3)
    os.set_inheritable(3, True)
    os.environ["LISTEN_PID"] = str(os.getpid())
    os.environ["LISTEN_FDS"] = "1"
    os.execvp(command[0], command)


def slow():
    """One byte at a time of a good question."""
    sock = connect()
    for byte in message(STATUS):
        sock.sendall(bytes([byte]))
        time.sleep(0.01)
    answer = receive(sock)
    print(NAMES[answer[0]], flush=True)


def recorded():
    """What was said in version 1 of the protocol: names, and for each its pieces."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "version1.txt")
    with open(path, encoding="ascii") as file:
        lines = [line.split() for line in file]
    return {line[0]: line[1:] for line in lines if line and line[0] != "#"}


def bytes_of(pieces, **given):
    return b"".join(given[piece] if piece in given else bytes.fromhex(piece) for piece in pieces)


def read_whole(sock):
    data = b""
    while len(data) < 8 or len(data) < 8 + struct.unpack("=I", data[:4])[0]:
        more = sock.recv(65536)
        if not more:
            break
        data += more
    return data


def version1(user, expected):
    """A session of the user's as the module of version 1 has it, to the byte."""
    netns = os.stat("/proc/self/ns/net")
    said = recorded()
    sock = connect()
    sock.sendall(bytes_of(said["open." + user],
                          netns=struct.pack("=QQ", netns.st_dev, netns.st_ino)))
    answer = read_whole(sock)
    name = answer[8:24]
    print("open", answer == bytes_of(said[expected], name=name))
    sock.sendall(bytes_of(said["taken"]))
    sock.close()
    print("in", flush=True)
    sys.stdin.readline()
    for _ in 1, 2:
        sock = connect()
        sock.sendall(bytes_of(said["close"], name=name))
        answer = read_whole(sock)
        print("close", answer == bytes_of(said["done"]),
              answer[4:8] == bytes_of(said["error"]), flush=True)


WORDS = {
    "rubbish": rubbish, "cut-short": cut_short, "crowd": crowd, "hold": hold,
    "not-taken": not_taken, "ask-and-die": ask_and_die, "open": open_and_stay,
    "close-wrongly": close_wrongly, "many-requests": many_requests, "hand-over": hand_over,
    "slow": slow, "version1": version1,
    "silent": lambda: say(b""),
    "half": lambda: say(message(STATUS)[:5]),
    "huge": lambda: say(message(OPEN, b"", length=0xffffffff)),
    "too-long": lambda: say(message(STATUS, b"", length=1)),
    # With a name and a group that are not to count.
    "why": lambda: say(message(WHY, string("root") + struct.pack("=II", 0, 1) + string("wheel") +
                               struct.pack("=BI", 1, 0))),
    "version": lambda n: say(message(STATUS, version=int(n))),
    "operation": lambda n: say(message(int(n))),
}

if __name__ == "__main__":
    WORDS[sys.argv[1]](*sys.argv[2:])
