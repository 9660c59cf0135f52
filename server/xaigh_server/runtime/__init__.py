"""Process runtime: worker processes, periodic tasks, clock, ids, logs, metrics and tracing.

Python runs one thread at a time, so a server on several cores is several worker processes. A
supervisor forks them before any thread runs, restarts those that die and passes signals on. They
share ports, databases and, in shared memory, the counts of rate limits; each asks the others over
local sockets for the counters that they keep in memory.
"""
