"""Stands for one `om-ingest` that a warm process runs: see tests/warm.py.

    python -I -S warm_client.py SOCKET ARGUMENT…

It imports next to nothing, and so starts in a few milliseconds.
"""

import _socket
import marshal
import os
import signal
import sys

connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
connection.connect(sys.argv[1])
request = marshal.dumps((sys.argv[2:], dict(os.environ), os.getcwd()))  # noqa: PTH109  # pathlib takes half of its time
streams = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)]
connection.sendmsg([len(request).to_bytes(8, "big")], rights)
left = memoryview(request)
while left:
    left = left[connection.send(left) :]
for number in (0, 1, 2):  # a pipe is at its end when the command has closed it
    os.close(number)
answer = connection.recv(8)
status = int.from_bytes(answer, "big") if len(answer) == 8 else 255 << 8
if os.WIFSIGNALED(status):
    signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
    os.kill(os.getpid(), os.WTERMSIG(status))
os._exit(os.WEXITSTATUS(status))
