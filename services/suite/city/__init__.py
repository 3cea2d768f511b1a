"""The demo city: ``generate(seed)`` draws a fictional part of a German town on the Rhine."""

from services.suite.city.generator import generate

__all__ = ["generate"]
