"""Personal fields of a case: sealed before they reach the store, opened for clerks, erased for good.

The person's id is the permit's: a case is erased as a whole, and nothing is sealed for it again.
"""

import msgspec

from services.permits.domain.people import Personal, Sealed
from shared.privacy.vault import ERASED, Erased, PersonErasedError, Vault


class People:
    """Thread-safe; all methods raise ``DatabaseUnavailableError``."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def seal(self, permit_id: str, personal: Personal | None, before: Personal | None = None) -> Sealed | None:
        """Encrypted; None where nothing differs from ``before`` or the case's personal data was erased.

        Members of ``personal`` that are None stay as before, empty ones are taken out.
        """
        kept = msgspec.to_builtins(before or Personal())
        said = {name: text for name, text in (kept | msgspec.to_builtins(personal or Personal())).items() if text}
        if said == kept:
            return None
        try:
            return Sealed(**self._vault.seal(permit_id, said))
        except PersonErasedError:
            return None

    def open(self, sealed: Sealed | None) -> Personal | Erased | None:
        """In clear; ``ERASED`` once the key is destroyed, None where there never was any."""
        if sealed is None:
            return None
        opened = self._vault.open({"person": sealed.person, "box": sealed.box})
        return ERASED if opened is ERASED else msgspec.convert(opened, Personal)

    def alike(self, one: Sealed | None, other: Sealed | None) -> bool:
        """Whether both say the same; what is erased says nothing against it."""
        said = [self.open(one), self.open(other)]
        return ERASED in said or said[0] == said[1]

    def erase(self, permit_id: str) -> bool:
        """Destroy the key for ever; whether there was one."""
        return self._vault.erase(permit_id)
