"""What the server is measured beside: each a program of its own that prints its port."""
