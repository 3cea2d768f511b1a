"""Who may look at the fleet: its own people, clerks, and those who run the suite."""

from shared.web.auth import requires

staff = requires("fleet", "clerk", "ops")
