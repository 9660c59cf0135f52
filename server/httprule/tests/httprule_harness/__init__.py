"""Helpers that the tests of httprule share. The tests of a product may import them too."""
