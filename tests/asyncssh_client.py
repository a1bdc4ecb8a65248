"""What asyncssh gets from the SSH listener: one line for each thing that is as it should be.

Usage: asyncssh_client.py PORT KNOWN_HOSTS REGISTERED_KEY PASSPHRASE

Nothing of the person's own is read: no configuration, no agent, no other key. Everything has a deadline.
"""

import asyncio
import logging
import sys

import asyncssh

DEADLINE = 40
heard = []


class Ear(logging.Handler):
    def emit(self, record):
        heard.append(record.getMessage())


def times(words):
    return sum(words in line for line in list(heard))


async def until(stream, seen, wanted):
    """Reads the screen's bytes until these are among them."""
    start = len(seen)
    while wanted not in seen[max(0, start - len(wanted)):]:
        piece = await asyncio.wait_for(stream.read(4096), DEADLINE)
        if not piece:
            raise EOFError(f"the session ended before {wanted!r}: {bytes(seen[-400:])!r}")
        seen += piece


async def refused(what, errors, making):
    try:
        await asyncio.wait_for(making, DEADLINE)
    except errors as error:
        print(f"refused {what} ({type(error).__name__})")
    else:
        raise AssertionError(f"{what} was not refused")


async def main(port, hosts, key, passphrase):
    def connect(key, **more):
        return asyncssh.connect("127.0.0.1", int(port), username="olga", client_keys=[key], known_hosts=hosts, config=None,
                                agent_path=None, **more)

    terminal = dict(term_type="xterm-256color", term_size=(80, 24), encoding=None)

    async with connect(key, rekey_bytes=8192, keepalive_interval=0.2, keepalive_count_max=3) as line:
        process = await line.create_process(**terminal)
        seen = bytearray()
        await until(process.stdout, seen, b"Passphrase")
        print("shown the door")
        # A second session, and tunnels of every kind, while the first is there.
        await refused("a second session", asyncssh.ChannelOpenError, line.create_process(**terminal))
        await refused("a tunnel", asyncssh.ChannelOpenError, line.open_connection("127.0.0.1", 1))
        await refused("a tunnel to a socket", asyncssh.ChannelOpenError, line.open_unix_connection("/nowhere"))
        await refused("a port at the other end", asyncssh.ChannelListenError,
                      line.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 1))
        process.stdin.write(passphrase.encode() + b"\r")
        await until(process.stdout, seen, b"Today")
        before = times("Completed key exchange")
        # Every new size is a whole screen.
        width = 80
        while times("Completed key exchange") < before + 3:
            width = 200 - width
            marker = len(seen)
            process.change_terminal_size(width, 24)
            while len(seen) < marker + 200:
                seen += await asyncio.wait_for(process.stdout.read(4096), DEADLINE)
        print("keys exchanged anew three times")
        while times("Got keepalive response") < 5:
            await asyncio.sleep(0.05)
        print("five questions whether it lives answered")
        process.stdin.write(b"\x11")
        await asyncio.wait_for(process.wait_closed(), DEADLINE)
        print(f"left with {process.exit_status}")

    for what, making in [
        ("a command", lambda line: line.run("id; echo $((6*7))", check=True)),
        ("a command with a terminal", lambda line: line.run("sh", check=True, **terminal)),
        ("a shell without a terminal", lambda line: line.run(check=True)),
        ("sftp", lambda line: line.start_sftp_client()),
        ("another subsystem", lambda line: line.create_process(subsystem="veilbook")),
    ]:
        async with connect(key) as line:
            await refused(what, (asyncssh.ChannelOpenError, asyncssh.ProcessError, asyncssh.SFTPError), making(line))

    for kind in ["ssh-rsa", "ssh-ed25519"]:
        stranger = asyncssh.generate_private_key(kind)
        await refused(f"a stranger with {kind}", asyncssh.PermissionDenied, connect(stranger).__aenter__())


asyncssh.set_log_level(logging.DEBUG)
asyncssh.set_debug_level(1)
logging.getLogger("asyncssh").addHandler(Ear())
logging.getLogger("asyncssh").propagate = False
asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 120))
