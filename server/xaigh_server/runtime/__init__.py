"""Several processes that serve as one: Python runs one thread at a time, a machine has more cores.

A supervisor forks them before anything runs in threads, starts those that die again, and hands
signals on. They share the ports (the kernel deals connections out), the databases, and the counts
of the rate limits, which lie in shared memory. What one of them knows alone, the others ask for.
"""
