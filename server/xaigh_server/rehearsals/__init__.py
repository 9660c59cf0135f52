"""Rehearsals: drills of an integration in the sandbox, recorded by what the server saw."""
