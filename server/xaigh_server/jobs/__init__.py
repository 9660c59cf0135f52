"""Jobs: posting, lists, the client's and the operations half, and watch streams."""
