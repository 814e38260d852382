#!/usr/bin/python3
"""What a service manager hears: notify_socket.py PATH prints each datagram that comes to the socket, its lines joined by a blank."""
import socket
import sys

s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(s.recv(65536).decode().strip().replace("\n", " "), flush=True)
