"""Repositories of webhook endpoints, their queues, and the log of deliveries."""
