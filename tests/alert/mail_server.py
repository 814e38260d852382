#!/usr/bin/python3
"""A mail server for the tests. What it does with a mail, its recipient says:

    slow@...  takes half a second      busy@...  451 at RCPT     full@...  452 behind DATA
    gone@...  550 at RCPT              bad@...   554 behind DATA
    cut@...   the link ends instead of the 250 behind DATA; it has the mail
    hang@...  never answers DATA

What it takes stands in FOLDER/NUMBER.eml, and a line in FOLDER/list: instant, number, Message-ID, sender, recipient.
"""
import argparse
import asyncio
import email
import email.policy
import os
import ssl
import time

from aiosmtpd.smtp import SMTP, AuthResult

arguments = argparse.ArgumentParser()
arguments.add_argument("folder")
arguments.add_argument("--certificate")
arguments.add_argument("--key")
arguments.add_argument("--tls", action="store_true", help="from the first byte, not by STARTTLS")
arguments.add_argument("--user")
arguments.add_argument("--password")
arguments.add_argument("--port", type=int, default=0)
arguments.add_argument("--delay", type=float, default=0.0, help="seconds before each 250 behind DATA")
options = arguments.parse_args()
taken = 0


class Desk:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        name = address.split("@")[0]
        if name == "busy":
            return "451 4.3.2 come back later"
        if name == "gone":
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global taken
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "full":
            return "452 4.2.2 mailbox full"
        if name == "bad":
            return "554 5.6.0 not wanted"
        if name == "hang":
            await asyncio.sleep(3600)
        if name == "slow":
            await asyncio.sleep(0.5)
        await asyncio.sleep(options.delay)
        taken += 1
        number = taken
        with open(f"{options.folder}/{number}.eml", "wb") as file:
            file.write(envelope.content)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with open(f"{options.folder}/list", "a", encoding="utf-8") as file:
            file.write(f"{time.time():.6f}\t{number}\t{mail['Message-ID']}\t{envelope.mail_from}\t{envelope.rcpt_tos[0]}\n")
        if name == "cut":
            server.transport.abort()
            return "250 nobody hears it"
        return f"250 2.0.0 queued as {number}"


def authenticator(server, session, envelope, mechanism, data):
    good = (data.login.decode(), data.password.decode()) == (options.user, options.password)
    return AuthResult(success=good, handled=False)


def protocol():
    starttls = {}
    if context is not None and not options.tls:
        starttls = {"tls_context": context}
    wants_user = options.user is not None
    return SMTP(Desk(), hostname="mail.test", authenticator=authenticator if wants_user else None,
                auth_required=wants_user, auth_require_tls=not options.tls, **starttls)


async def serve():
    server = await asyncio.get_running_loop().create_server(
        protocol, "127.0.0.1", options.port, ssl=context if options.tls else None)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


context = None
if options.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
os.makedirs(options.folder, exist_ok=True)
asyncio.run(serve())
