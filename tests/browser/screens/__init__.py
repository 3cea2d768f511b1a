"""Screenshots of every state of every page, to be looked at: ``make screens``."""
