"""Syncs of a client's ATS: each job of a feed is kept as a mirror.

A batch goes through `fingerprint`, `match`, `normalize`, `plan` and `apply`. `record_decisions` has
the rules for one record, `runs` those for a run of batches, and `closing` those for what a complete
run no longer holds.
"""
