"""What operators read and do of an organization's own, to help it."""
