"""Storage: three databases, their tables, and one repository per aggregate."""
