"""Access requests: tickets, their review, and the grants that approvals create."""
