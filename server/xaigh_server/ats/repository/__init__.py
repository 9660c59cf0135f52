"""What syncs keep: integrations, the mirrors of roles, runs and events."""
