"""The engine for several servers: PostgreSQL, spoken to by asyncpg."""
