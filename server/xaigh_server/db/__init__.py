"""The store: three databases, their tables, and one repository an aggregate."""
