"""A server started through this script ends when the thread that started it ends, even by kill -9.

Run as a script, before the server takes its place: `embedded_launch.py PARENT UID GID SIGNAL COMMAND ...`. A function
called between fork and exec would do the same, but it may deadlock in a program with threads (the subprocess
documentation warns of it, Python 3.12 does so aloud).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Become the given user, ask for a signal at the parent's death, and turn into the command."""
    parent, uid, gid, death_signal = (int(number) for number in arguments[:4])
    command = arguments[4:]
    # Python ignores SIGPIPE, and an ignored signal stays ignored in the program that follows.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.umask(0o077)
    if os.geteuid() != uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the change of user, which clears it; other systems have nothing like it.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent was gone before its server began")
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
