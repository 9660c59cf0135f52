"""A process that answers with as many bytes as it is asked for."""

import sys

from xaigh_server.worker_pool.process import answer_frames

if __name__ == "__main__":
    answer_frames(sys.stdin.buffer, sys.stdout.buffer, lambda asked: b"x" * asked[0])
