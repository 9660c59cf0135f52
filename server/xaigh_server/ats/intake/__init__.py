"""ATS syncs: integrations, batches, feeds, runs and what they tell."""
