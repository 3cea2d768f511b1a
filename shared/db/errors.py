class DatabaseUnavailableError(Exception):
    """PostgreSQL cannot be reached now; nothing was committed that was not acknowledged. Doors answer 503."""
