"""The published language: every event type that crosses a service border, versioned, free of personal data."""

from shared.contracts import devices, permits, pings, sites, situations
from shared.contracts.base import REGISTRY, Contract
from shared.contracts.topics import TOPICS, Topic

__all__ = ["REGISTRY", "TOPICS", "Contract", "Topic", "devices", "permits", "pings", "sites", "situations"]
