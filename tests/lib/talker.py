#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds sockets as it is told on standard input, and answers each command with a line "= ...":

  open NAME tcp|udp ADDRESS PORT   connects; ::ffff:a.b.c.d is IPv4 through IPv6
  say NAME                         sends a line and waits for its echo: "echo", or the error's name
  stuff NAME                       sends until the kernel takes no more: how many bytes
  listen NAME PORT                 waits for somebody on that TCP port: "listening"
  take NAME                        the one who came there: a connection under this name, and no
                                   other comes; take NAME LISTENER: under another, and others may
  close NAME                       without a word, though something may be unsent: "closed"

  talker.py serve PORT DEAF FILE   the other end: echoes on PORT, over TCP and UDP, and on the TCP
                                   port DEAF reads nothing until FILE is there, then everything
"""

import errno
import os
import select
import socket
import sys
import time


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def connect(kind, address, port):
    form = socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM
    sock = socket.socket(family(address), form)
    sock.settimeout(3)
    sock.connect((address, int(port)))
    return sock


def say(sock):
    sock.settimeout(20)
    sock.send(b"hello\n")
    return "echo" if sock.recv(100) == b"hello\n" else "end"


def stuff(sock):
    sock.setblocking(False)
    sent = 0
    # The last segments are still on their way to a window that is closing.
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        try:
            sent += sock.send(b"x" * 65536)
            until = time.monotonic() + 0.3
        except BlockingIOError:
            select.select([], [sock], [], 0.1)
    return sent


def listen(port):
    sock = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
    sock.settimeout(20)
    return sock


def answer(words, sockets):
    command, name = words[:2]
    if command == "open":
        sockets[name] = connect(*words[2:])
        return "open"
    if command == "say":
        return say(sockets[name])
    if command == "stuff":
        return stuff(sockets[name])
    if command == "listen":
        sockets[name] = listen(words[2])
        return "listening"
    if command == "take":
        sockets[name] = sockets[words[-1]].accept()[0]
        return "taken"
    if command == "close":
        sockets.pop(name).close()
        return "closed"
    return "?"


def talk():
    sockets = {}
    for line in sys.stdin:
        try:
            result = answer(line.split(), sockets)
        except OSError as error:
            result = errno.errorcode.get(error.errno, type(error).__name__)
        print("=", result, flush=True)


def serve(port, deaf, file):
    echo, silent = listen(port), listen(deaf)
    datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    datagrams.bind(("::", int(port)))
    talking, silenced = [], []
    while True:
        hearing = silenced if os.path.exists(file) else []
        ready = select.select([echo, silent, datagrams] + talking + hearing, [], [], 0.05)[0]
        for sock in ready:
            if sock in (echo, silent):
                (talking if sock is echo else silenced).append(sock.accept()[0])
            elif sock is datagrams:
                data, peer = sock.recvfrom(2000)
                sock.sendto(data, peer)
            else:
                try:
                    data = sock.recv(65536)
                    if data and sock in talking:
                        sock.send(data)
                except OSError:
                    data = b""
                if not data:
                    (talking if sock in talking else silenced).remove(sock)
                    sock.close()


if sys.argv[1:2] == ["serve"]:
    serve(*sys.argv[2:])
talk()
