"""Webhooks: endpoints, events, and their deliveries."""
