"""Documentation pages that the server serves: the OpenAPI document, its reference, error reasons.

The pages load nothing from another host, and their Content-Security-Policy forbids it.
"""
