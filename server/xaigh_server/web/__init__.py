"""The documentation that the server itself serves: the OpenAPI document and pages for people.

Nothing on these pages comes from another host, and their Content-Security-Policy says so.
"""
