"""Webhook endpoints, the queue of each, and the log of deliveries."""
