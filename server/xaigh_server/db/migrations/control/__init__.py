"""Revisions of the control database."""
