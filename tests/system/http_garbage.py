#!/usr/bin/python3
"""Throws what is no HTTP, or hardly, at a server on 127.0.0.1: http_garbage.py PORT SEED COUNT.

Forty connections at first that say nothing, or a byte now and then, longer than any may last; beside them COUNT broken requests.
Prints what came back: "STATUS COUNT" lines ("-": closed without a word), then "held N" of the slow ones that were still open
11 s after they began: none may be, for 5 s are the most."""
import collections
import random
import socket
import sys
import threading
import time

port, seed, count = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)

GOOD = b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
SHAPES = [
    lambda: bytes(chance.randrange(256) for _ in range(chance.randrange(1, 400))),
    lambda: bytes(b if chance.random() > 0.1 else chance.randrange(256) for b in GOOD),
    lambda: b"GET /" + b"a" * chance.choice([10, 9000, 100000]) + b" HTTP/1.1\r\n\r\n",
    lambda: b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * chance.choice([10, 9000, 100000]) + b"\r\n\r\n",
    lambda: b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: y\r\n" % i for i in range(chance.choice([10, 5000]))) + b"\r\n",
    lambda: b"POST /metrics HTTP/1.1\r\nContent-Length: " + chance.choice([b"-1", b"99999999999999999999", b"5000", b"x", b"4"]) + b"\r\n\r\nabcd",
    lambda: b"POST /health HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chance.choice([b"zz\r\n", b"ffffffffffff\r\nx", b"-5\r\n", b"1\r\nab\r\n0\r\n\r\n"]),
    lambda: chance.choice([b"GET", b"get", b"PUT", b"TRACE", b"CONNECT", b"PRI", b"\x16\x03\x01"]) + b" " + chance.choice([b"/metrics", b"*", b"//", b"http://x/", b"/%", b"/../..", b"/metrics%00", b"/health?" + b"&" * 3000]) + b" " + chance.choice([b"HTTP/1.0", b"HTTP/1.1", b"HTTP/9.9", b"HTTP/2.0", b""]) + b"\r\n\r\n",
    lambda: GOOD * chance.randrange(1, 30),
    lambda: GOOD[:chance.randrange(len(GOOD))],
]

def connect():
    s = socket.socket()
    s.settimeout(15)
    s.connect(("127.0.0.1", port))
    return s

def throw(request):
    s = connect()
    try:
        s.sendall(request)
        s.shutdown(socket.SHUT_WR)
        answer = b""
        while len(answer) < 16:
            piece = s.recv(65536)
            if not piece:
                break
            answer += piece
    except OSError:
        answer = b""
    s.close()
    words = answer.split(b" ", 2)
    return words[1].decode("ascii", "replace") if len(words) > 1 and words[0].startswith(b"HTTP/") else "-"

def trickle(slow, end):
    while time.monotonic() < end:
        for s in slow:
            try:
                s.sendall(b"G")
            except OSError:
                pass
        time.sleep(0.5)

began = time.monotonic()
slow = [connect() for _ in range(40)]
threading.Thread(target=trickle, args=(slow[::2], began + 6), daemon=True).start()
seen = collections.Counter(throw(chance.choice(SHAPES)()) for _ in range(count))
for status, times in sorted(seen.items()):
    print(status, times)
held = set(slow)
end = max(began + 11, time.monotonic() + 1)
while held and time.monotonic() < end:
    for s in list(held):
        try:
            s.settimeout(0.01)
            if s.recv(4096) == b"":
                held.discard(s)
        except socket.timeout:
            pass
        except OSError:
            held.discard(s)
    time.sleep(0.2)
print("held", len(held))
