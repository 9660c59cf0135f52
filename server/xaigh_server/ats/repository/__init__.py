"""Repositories of syncs: integrations, mirrors, runs and events."""
