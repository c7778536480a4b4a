"""relay.py UPSTREAM PORT_FILE LOG: passes TCP connections on to port UPSTREAM and logs what passed, and when.

It stands between loadgen and a server. What a proxy adds to an answer is real and loadgen has
to report it, so loadgen is compared with the bytes that reached it, not with the server behind
the proxy. A line of LOG is one HTTP POST, as JSON: its path, the time that its
first bytes arrived (the kernel's receive timestamp) and a list of [time, bytes] of each piece
of the answer, stamped just before it is sent on. Times are nanoseconds of the wall clock.
"""
import json
import pathlib
import socket
import socketserver
import struct
import sys
import threading
import time

SO_TIMESTAMPNS = 35  # Linux on x86-64 and arm64; the socket module has no name for it


def received(sock):
    """Bytes from sock and the time that the kernel received them."""
    data, notes, *_ = sock.recvmsg(1 << 18, socket.CMSG_SPACE(16))
    for _, kind, stamp in notes:
        if kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("qq", stamp)
            return data, seconds * 10**9 + nanoseconds
    return data, time.time_ns()


class Relay(socketserver.BaseRequestHandler):
    """One connection: its requests go up in one thread, the answers come down in another."""

    def handle(self):
        self.request.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.post = None
        with socket.create_connection(("127.0.0.1", self.server.upstream)) as up:
            for sock in (up, self.request):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers = threading.Thread(target=self.answers, args=(up,))
            answers.start()
            self.requests(up)
            answers.join()

    def requests(self, up):
        try:
            while True:
                data, at = received(self.request)
                if data.startswith(b"POST "):
                    self.finish_post({"path": data.split(b" ", 2)[1].decode(), "start": at, "pieces": []})
                elif not data or data.startswith(b"GET "):
                    self.finish_post(None)
                if not data:
                    return up.shutdown(socket.SHUT_WR)
                up.sendall(data)
        except OSError:
            pass  # either side has gone: loadgen's own rows show what that did

    def answers(self, up):
        try:
            while data := up.recv(1 << 18):
                if self.post:
                    self.post["pieces"].append([time.time_ns(), data.decode("latin-1")])
                self.request.sendall(data)
            self.request.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def finish_post(self, following):
        """Logs the POST that has ended and begins the following one, if there is one."""
        if self.post and self.post["pieces"]:
            with self.server.log_lock:
                print(json.dumps(self.post), file=self.server.log, flush=True)
        self.post = following


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    log_lock = threading.Lock()


def main(upstream, port_file, log):
    with Server(("127.0.0.1", 0), Relay) as server, open(log, "w") as server.log:
        server.upstream = int(upstream)
        pathlib.Path(port_file).write_text(str(server.server_address[1]))
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
