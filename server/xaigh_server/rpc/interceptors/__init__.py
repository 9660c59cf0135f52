"""Interceptors that every call of either transport passes, one class and one verb a file."""
