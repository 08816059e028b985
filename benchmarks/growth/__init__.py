"""Several bots and APIs on one PostgreSQL, killed and stopped under load."""
