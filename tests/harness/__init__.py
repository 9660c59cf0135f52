"""What tests and the demonstration share: a real server, and its two faces."""
