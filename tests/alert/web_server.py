#!/usr/bin/python3
"""A web server for the tests. What it does with a request, its path says:

    /ok  /slow (half a second)  /400 /404 /408 /429 /500 /503  /moved (302)  /hang  /cut (the link ends amid the answer)
    /code/N  200 and {"errcode":N}     /garbage  200 and no JSON     /no-http  something else     /huge  200 MB of it
    ?retry_after=WORDS  behind it: that header, too; ?retry_after_date=SECONDS  a date so far ahead

What comes stands in FOLDER/NUMBER.json before it is answered: instant, method, path, headers, body.
"""
import argparse
import email.utils
import http.server
import json
import os
import socket
import ssl
import threading
import time
import urllib.parse

arguments = argparse.ArgumentParser()
arguments.add_argument("folder")
arguments.add_argument("--certificate")
arguments.add_argument("--key")
arguments.add_argument("--port", type=int, default=0)
options = arguments.parse_args()
lock = threading.Lock()
taken = 0


class Desk(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def keep(self):
        """False: it broke off."""
        global taken
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size)
        if len(body) < size:
            self.close_connection = True
            return False
        with lock:
            taken += 1
            with open(f"{options.folder}/{taken}.json", "w", encoding="utf-8") as file:
                json.dump({"at": time.time(), "method": self.command, "path": self.path, "headers": dict(self.headers),
                           "body": body.decode("utf-8")}, file, ensure_ascii=False)
        return True

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        query = dict(urllib.parse.parse_qsl(self.path.partition("?")[2]))
        if "retry_after" in query:
            self.send_header("Retry-After", query["retry_after"])
        if "retry_after_date" in query:
            at = time.time() + float(query["retry_after_date"])
            self.send_header("Retry-After", email.utils.formatdate(at, usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_link(self):
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def do_POST(self):
        if not self.keep():
            return
        path = self.path.split("?")[0]
        if path == "/slow":
            time.sleep(0.5)
        if path == "/hang":
            time.sleep(3600)
        if path == "/moved":
            self.answer(302, Location="/ok")
        elif path == "/cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            self.end_link()
        elif path == "/no-http":
            self.wfile.write(b"220 mail.test ESMTP\r\n")
            self.end_link()
        elif path == "/garbage":
            self.answer(200, b"\x00\xff<html>\r\n\x1b[2J")
        elif path == "/huge":
            self.send_response(200)
            self.send_header("Content-Length", str(200 << 20))
            self.end_headers()
            try:
                for _ in range(200):
                    self.wfile.write(b"x" * (1 << 20))
            except OSError:
                self.close_connection = True
        elif path.startswith("/code/"):
            self.answer(200, json.dumps({"errcode": int(path[6:]), "errmsg": "words"}).encode())
        elif path[1:].isdigit():
            self.answer(int(path[1:]), b"words of the server")
        else:
            self.answer(200, b'{"errcode":0,"errmsg":"ok"}')

    do_PUT = do_GET = do_POST

    def log_message(self, *words):
        pass


os.makedirs(options.folder, exist_ok=True)
server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Desk)
server.daemon_threads = True
if options.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print("ready", server.server_address[1], flush=True)
server.serve_forever()
