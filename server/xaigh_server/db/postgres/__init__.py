"""PostgreSQL engine, for deployments of several servers. The driver is psycopg 3."""
