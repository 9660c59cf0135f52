"""The jobs, their rows, and the log of what happened to them."""
