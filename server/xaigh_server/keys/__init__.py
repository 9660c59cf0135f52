"""API keys: issuing, rotation, revocation, verification and usage."""
