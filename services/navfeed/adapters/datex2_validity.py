"""When a measure holds: overall period, recurring windows, exceptions (DATEX II ``Validity``).

Windows are wall time of Europe/Berlin, as the order says them: ``xs:time`` without offset, because an offset would be
wrong for half of the year. A window past midnight is two periods, the second on the following days.
"""

from datetime import date, datetime, timedelta
from datetime import time as wall_time

from services.navfeed.adapters.datex2_xml import Element, add, time
from services.navfeed.domain.feature import Feature, Schedule
from shared.clock import BERLIN

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_START, DAY_END = "00:00:00", "23:59:59"


def add_validity(record: Element, feature: Feature) -> None:
    add_period(record, feature.start, feature.end, status=_status(feature), overrunning=feature.status == "overrunning")
    if feature.schedule is not None:
        _add_schedule(record[-1][-1], feature.schedule)


def add_period(
    record: Element, start: datetime, end: datetime | None, *, status: str, overrunning: bool = False
) -> None:
    validity = add(record, "sit:validity")
    add(validity, "com:validityStatus", status)
    add(validity, "com:overrunning", "true" if overrunning else "false")
    specification = add(validity, "com:validityTimeSpecification")
    add(specification, "com:overallStartTime", time(start))
    if end is not None:
        add(specification, "com:overallEndTime", time(end))


def _status(feature: Feature) -> str:
    """``definedByValidityTimeSpec`` wherever the period is to be believed.

    A cancelled measure still stands in the feed with a period that will not come: ``suspended`` is "inactive,
    regardless of the validity time specification". One that takes place some time ``within`` its period is ``planned``,
    "regardless of the validity time specification", until somebody or the lights report it.
    """
    if feature.status in {"suspended", "cancelled"}:
        return "suspended"
    if feature.status == "planned" and feature.occupation == "within":
        return "planned"
    return "definedByValidityTimeSpec"


def _add_schedule(specification: Element, schedule: Schedule) -> None:
    windows = _windows(schedule)
    weekdays = sorted(set(schedule.weekdays or ()))
    for shift, start, end in windows:
        period = add(specification, "com:validPeriod")
        if (start, end) != (DAY_START, DAY_END):
            window = add(period, "com:recurringTimePeriodOfDay")
            add(window, "com:startTimeOfPeriod", start)
            add(window, "com:endTimeOfPeriod", end)
        if weekdays:
            days = add(period, "com:recurringDayWeekMonthPeriod")
            for name in sorted({(day - 1 + shift) % 7 for day in weekdays}):
                add(days, "com:applicableDay", DAYS[name])
    for day in sorted(day for day in set(schedule.except_) if date.min < day < date.max):  # with room for a time zone
        period = add(specification, "com:exceptionPeriod")
        start_of, end_of = _day_off(schedule, day)
        add(period, "com:startOfPeriod", time(start_of))
        add(period, "com:endOfPeriod", time(end_of))


def _windows(schedule: Schedule) -> list[tuple[int, str, str]]:
    """(days after the day it began, from, to) of each part of the daily window; none without any recurrence."""
    start, end = _edges(schedule)
    if schedule.daily_from is None and schedule.daily_to is None:
        return [(0, DAY_START, DAY_END)] if schedule.weekdays else []
    if start < end:
        return [(0, _clock(start), _clock(end))]
    late = (0, _clock(start), DAY_END)
    return [late] if end == wall_time(0) else [late, (1, DAY_START, _clock(end))]


def _edges(schedule: Schedule) -> tuple[wall_time, wall_time]:
    """The window's edges; a missing one is midnight, and an end at or before the start lies on the next day."""
    return wall_time.fromisoformat(schedule.daily_from or "00:00"), wall_time.fromisoformat(
        schedule.daily_to or "00:00"
    )


def _clock(edge: wall_time) -> str:
    return edge.strftime("%H:%M:%S")


def _day_off(schedule: Schedule, day: date) -> tuple[datetime, datetime]:
    """The window that begins on ``day``, or all of it."""
    start, end = _edges(schedule)
    last = day if start < end else day + timedelta(days=1)
    return datetime.combine(day, start, BERLIN), datetime.combine(last, end, BERLIN)
