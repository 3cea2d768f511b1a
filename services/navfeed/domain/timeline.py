"""The life of one measure in time: what orders, people and lights say of its start and end, and what follows from it.

Nothing here remembers: a ``Course`` is built from the rows, and is asked what holds at a log time (µs).

Decisions that the words of the domain leave open:

- An end counts from when it was so *and* known, and the measure is shown as ended for 24 h from then on. So an end
  that is reported days later is still published before the measure disappears.
- Of several ends the one that came into force first stays. A reported or detected end replaces the ordered one, unless
  it is told only after the measure is gone from the feed.
- Lights end a measure when they are cleared, except before its ordered start (equipment was brought and taken away)
  and between the windows of a recurring schedule (cleared every evening).
- A report that the street is free ends a measure even though lights still stand; ``on_site`` keeps saying so.
- Lights that were heard after the ordered end make it overrun. If they then fall silent it overruns for 24 h more and
  ends with the last contact; lights that fell silent before the ordered end prove nothing.
- What ends before it began is ``cancelled`` and keeps its ordered times.
- ``within`` is planned until it is reported or detected; never begun, it ends with its period.
"""

from collections.abc import Iterator
from typing import NamedTuple

from services.navfeed.domain.feature import Status, TimeProvenance
from services.navfeed.domain.rows import Dropped, PermitRow, SiteRow
from shared.clock import DAY_US, Micros, to_micros
from shared.contracts.permits import Measure

GRACE_US = DAY_US
ROLL_US = DAY_US


class Ending(NamedTuple):
    """A way in which a measure ends: ``at`` is what is published, ``known`` the log time from which it is known."""

    at: Micros
    known: Micros
    provenance: TimeProvenance
    status: Status = "ended"

    @property
    def effective(self) -> Micros:
        return max(self.at, self.known)

    @property
    def gone(self) -> Micros:
        """When the measure leaves the feed."""
        return self.effective + GRACE_US


class Span(NamedTuple):
    """What holds at one log time."""

    status: Status
    start: Micros
    start_provenance: TimeProvenance
    end: Micros | None
    end_provenance: TimeProvenance


class Course(NamedTuple):
    """All that is known of one measure in time. ``overruns``: it stands and nothing but the order ends it."""

    ordered_start: Micros
    ordered_end: Micros | None
    set_up_at: Micros | None
    reported_start: Micros | None
    ending: Ending | None
    overruns: bool
    within: bool
    interrupted: bool

    def span(self, now: Micros) -> Span | None:
        """The state at log time ``now``; None once the measure is gone."""
        start, start_provenance = self._start(now)
        if self.ending is not None and now >= self.ending.effective:
            return None if now >= self.ending.gone else self._over(self.ending, start, start_provenance)
        end, end_provenance = self._end(now)
        start = start if end is None else min(start, end)
        return Span(self._status(now), start, start_provenance, end, end_provenance)

    def instants(self, now: Micros) -> Iterator[Micros]:
        """Instants at which the state may change by time alone (a superset)."""
        yield self.ordered_start
        if self.reported_start is not None:
            yield self.reported_start
        if self.ordered_end is not None:
            yield self.ordered_end
            yield self._rolled(self.ordered_end, now)
        if self.ending is not None:
            yield self.ending.effective
            yield self.ending.gone

    def _started(self, now: Micros) -> list[tuple[Micros, TimeProvenance]]:
        found: list[tuple[Micros, TimeProvenance]] = []
        if self.set_up_at is not None:
            found.append((self.set_up_at, "measured"))
        if self.reported_start is not None and self.reported_start <= now:
            found.append((self.reported_start, "reported"))
        return found

    def _start(self, now: Micros) -> tuple[Micros, TimeProvenance]:
        """The earliest evidence, else the order."""
        return min(self._started(now), default=(self.ordered_start, "ordered"))

    def _end(self, now: Micros) -> tuple[Micros | None, TimeProvenance]:
        if self.overruns and self.ordered_end is not None:
            late = now >= self.ordered_end
            return (self._rolled(self.ordered_end, now), "measured") if late else (self.ordered_end, "ordered")
        return (self.ordered_end, "ordered") if self.ending is None else (self.ending.at, self.ending.provenance)

    def _status(self, now: Micros) -> Status:
        if self.overruns and self.ordered_end is not None and now >= self.ordered_end:
            return "overrunning"
        if not self._started(now) and (self.within or now < self.ordered_start):
            return "planned"
        return "suspended" if self.interrupted else "active"

    def _over(self, ending: Ending, start: Micros, start_provenance: TimeProvenance) -> Span:
        if start_provenance == "ordered" and ending.at <= self.ordered_start:
            end = self.ordered_end
            return Span("cancelled", start if end is None else min(start, end), "ordered", end, "ordered")
        return Span(ending.status, min(start, ending.at), start_provenance, ending.at, ending.provenance)

    @staticmethod
    def _rolled(ordered_end: Micros, now: Micros) -> Micros:
        return ordered_end + max(1, (now - ordered_end) // ROLL_US + 1) * ROLL_US


def recurring(measure: Measure) -> bool:
    """Whether it has windows between which a street may be free."""
    return measure.daily_from is not None or measure.daily_to is not None or measure.weekdays is not None


def course(row: PermitRow, measure: Measure, site: SiteRow | None, dropped: Dropped | None = None) -> Course:
    """What orders, people and lights say of ``measure``; ``site`` is the one that covers it."""
    start = to_micros(measure.start)
    end = None if measure.end is None else to_micros(measure.end)
    if site is not None and site.cleared is not None and site.cleared.at <= start:
        site = None
    ordered = None if end is None else Ending(end, row.ends_known.get(measure.id, 0), "ordered")
    actual = list(_actual(row, measure, site, ordered))
    overruns = (
        not actual and ordered is not None and site is not None and site.stands and _heard_after(site, ordered.at)
    )
    endings = actual or ([ordered] if ordered is not None and not overruns else [])
    if row.revoked is not None:
        endings.append(Ending(*row.revoked, "ordered", "cancelled"))
    if dropped is not None:
        endings.append(Ending(*dropped.by, "ordered"))
    if overruns and site is not None and site.silent is not None:
        endings.append(Ending(site.silent.at, site.silent.known + GRACE_US, "measured"))
    return Course(
        ordered_start=start,
        ordered_end=end,
        set_up_at=_set_up_at(measure, site),
        reported_start=None if row.started is None else row.started.at,
        ending=min(endings, key=lambda ending: (ending.effective, ending.at), default=None),
        overruns=overruns,
        within=row.permit is not None and row.permit.occupation == "within",
        interrupted=row.interrupted,
    )


def _set_up_at(measure: Measure, site: SiteRow | None) -> Micros | None:
    """The set-up of the present standing; of a recurring one the first ever, so that its start stays."""
    if site is None or site.set_up is None:
        return None
    return site.first_set_up_at if recurring(measure) else site.set_up.at


def _actual(row: PermitRow, measure: Measure, site: SiteRow | None, ordered: Ending | None) -> Iterator[Ending]:
    """Ends that people or lights tell of."""
    if row.ended is not None and (ordered is None or row.ended.known < ordered.gone or _stood(site, ordered.at)):
        yield Ending(*row.ended, "reported")
    if site is None or site.set_up is None or site.cleared is None:
        return
    if ordered is not None and site.cleared.at >= ordered.at:
        counts = _heard_after(site, ordered.at)
    else:
        counts = not recurring(measure)
    if counts:
        yield Ending(*site.cleared, "measured")


def _stood(site: SiteRow | None, ordered_end: Micros) -> bool:
    """Whether lights were heard to stand there beyond the ordered end."""
    if site is None or site.set_up is None or not _heard_after(site, ordered_end):
        return False
    return site.cleared is None or site.cleared.at >= ordered_end


def _heard_after(site: SiteRow, instant: Micros) -> bool:
    return site.silent is None or site.silent.at >= instant
