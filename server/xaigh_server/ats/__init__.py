"""Syncs: pure rules of what a feed may do to the mirrors of a client's roles.

Three things are kept apart: what one record means for its mirror (`records`), what a batch and a
run add up to (`runs`), and whether a run that is proved whole may close what it no longer holds
(`closing`).
"""
