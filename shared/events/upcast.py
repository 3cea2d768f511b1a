"""Steps from an old version of a payload to the next; each step is tested from every golden file of its version."""

from collections.abc import Callable

Step = Callable[[bytes], bytes]

# old type -> (next type, step). Named upcast_v1_v2; none is needed while every contract stands at v1.
STEPS: dict[str, tuple[str, Step]] = {}


def upcast(type_name: str, data: bytes) -> tuple[str, bytes]:
    """Follow the steps from ``type_name`` to the newest version."""
    while type_name in STEPS:
        type_name, step = STEPS[type_name]
        data = step(data)
    return type_name, data
