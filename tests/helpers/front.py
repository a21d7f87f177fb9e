#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""front.py WHERE STEP...: a front by hand, on a Unix stream socket.

Where:
    PATH        listen there and take one client
    to:PATH     connect to it
    pair:CMD    a pair of them: the shell command CMD has the other end at the
                descriptor {fd}, and is waited for; its status is printed as
                "status N"

Steps, in order:
    init        an INIT request (104 bytes)
    getattr     a GETATTR request for the root (56 bytes)
    reply       read one whole reply; its error is printed
    len:N       40 bytes whose length word is N
    hex:BYTES   these bytes
    end         shut down our sending side
At the end it reads until end of file and prints what else came: one line
"reply UNIQUE ERROR" for each whole reply, then "eof".  Any step may take 20
seconds, times PATIENCE.
"""
import os
import socket
import struct
import subprocess
import sys

LIMIT = 20 * int(os.environ.get("PATIENCE", "1"))


def request(opcode, unique, body):
    head = struct.pack("=IIQQIIIHH", 40 + len(body), opcode, unique, 1,
                       os.getuid(), os.getgid(), os.getpid(), 0, 0)
    return head + body


class Front:
    def __init__(self, conn):
        self.conn = conn
        self.unique = 0
        self.got = b""

    def send(self, data):
        self.conn.sendall(data)

    def ask(self, opcode, body):
        self.unique += 2
        self.send(request(opcode, self.unique, body))

    def reply(self):
        """True and a line printed for a reply, False at end of file."""
        while len(self.got) < 16 or \
                len(self.got) < struct.unpack_from("=I", self.got)[0]:
            try:
                more = self.conn.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                if self.got:
                    print("partial", len(self.got))
                return False
            self.got += more
        length, error, unique = struct.unpack_from("=IiQ", self.got)
        self.got = self.got[length:]
        print("reply", unique, error, flush=True)
        return True

    def step(self, word):
        kind, _, value = word.partition(":")
        if kind == "init":
            self.ask(26, struct.pack("=IIII", 7, 31, 131072, 0) + bytes(48))
        elif kind == "getattr":
            self.ask(3, bytes(16))
        elif kind == "reply":
            if not self.reply():
                print("eof")
                sys.exit(0)
        elif kind == "len":
            self.send(struct.pack("=I", int(value)) + bytes(36))
        elif kind == "hex":
            self.send(bytes.fromhex(value))
        elif kind == "end":
            self.conn.shutdown(socket.SHUT_WR)
        else:
            sys.exit("front.py: no step " + word)


def listen(path):
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.settimeout(LIMIT)
    server.bind(path + ".new")
    server.listen(1)
    os.rename(path + ".new", path)      # whoever sees it can connect
    return server.accept()[0]


def connect(path):
    conn = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    conn.connect(path)
    return conn


def pair(command):
    conn, other = socket.socketpair()
    fd = other.fileno()
    child = subprocess.Popen(command.replace("{fd}", str(fd)), shell=True,
                             pass_fds=[fd])
    other.close()
    return conn, child


def main():
    child = None
    where = sys.argv[1]
    if where.startswith("to:"):
        conn = connect(where[3:])
    elif where.startswith("pair:"):
        conn, child = pair(where[5:])
    else:
        conn = listen(where)
    conn.settimeout(LIMIT)
    front = Front(conn)
    for word in sys.argv[2:]:
        front.step(word)
    while front.reply():
        pass
    print("eof", flush=True)
    if child:
        print("status", child.wait(LIMIT))


main()
