"""The chain that every call of every transport passes, one class and one verb a file."""
