"""Applications of workers for mirrored roles, forwarded once to the client's ATS."""
