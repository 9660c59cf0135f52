"""The whole story, played against a real server: `make demo`."""
