"""The step of the schedule: when enrolment starts and ends, in the programme's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from app.console.new.form import Refusal
from app.console.new.schedule_times import (
    Exact,
    Skipped,
    Twice,
    Unreadable,
    Which,
    read_local,
    which_of,
    write_local,
)
from app.console.new.step import NoSuchPart, Step
from app.console.rendering import show_part
from app.language import marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.console.new.form import Fields, Form, Json, Setting
    from app.console.rendering import Page

ENDS: Final = (("starts", "starts_at"), ("ends", "ends_at"))
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TimeShown:
    """A time that is typed, and what it stands for.

    Attributes:
        name: Of its field.
        utc: The same moment in UTC, in words; empty where there is none.
        moments: Where the time comes twice that day, each as value and words.
    """

    name: str
    utc: str
    moments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SchedulePage:
    """The step of the schedule.

    Attributes:
        zone: The programme's.
        starts: When it starts.
        ends: When it ends.
        runtime: How long it runs, in words.
        is_uneven: Whether that is not a whole number of weeks.
    """

    template: ClassVar[str] = "console/new/schedule.html"
    title: str
    form: Form
    zone: str
    starts: TimeShown
    ends: TimeShown
    runtime: str
    is_uneven: bool


class ScheduleStep(Step):
    """When enrolment starts and ends."""

    key: ClassVar[str] = "schedule"
    title: ClassVar[str] = marked("Schedule")
    icon: ClassVar[str] = "calendar"
    places: ClassVar[Mapping[str, str]] = {
        "starts_at": "schedule.starts",
        "ends_at": "schedule.ends",
    }

    def fields(self, document: Json, setting: Setting) -> Fields:
        """Give both times as they are typed."""
        zone, found = setting.formats.zone, {}
        for name, part in ENDS:
            found[f"schedule.{name}"] = write_local(document.get(part), zone)
            if which := which_of(document.get(part), zone):
                found[f"schedule.{name}_which"] = which
        return found

    def document(self, fields: Fields, before: Json, setting: Setting) -> Json:
        """Give both moments; what is no moment goes in as it was typed."""
        del before
        return {part: _written(fields, name, setting) for name, part in ENDS}

    def refusals(self, fields: Fields, setting: Setting) -> Iterable[Refusal]:
        """Refuse times that do not exist, ask about those that come twice, and order the two."""
        for name, _ in ENDS:
            yield from time_refusals(fields, f"schedule.{name}", setting)
        starts, ends = (_moment(fields, name, setting) for name, _ in ENDS)
        if starts is not None and ends is not None and ends <= starts:
            text = setting.words.say("The end is not after the start. Choose a later end.")
            yield Refusal("schedule.ends", text)

    def place(self, path: str, fields: Fields) -> str | None:
        """Claim what is wrong with the whole document where it is the order of the two times."""
        starts, ends = (fields.get(f"schedule.{name}", "") for name, _ in ENDS)
        if path == "(document)" and starts and ends and ends <= starts:
            return "schedule.ends"
        return super().place(path, fields)

    def page(self, form: Form, setting: Setting) -> Page:
        """Give the page."""
        starts, ends = (_shown(form.fields, name, setting) for name, _ in ENDS)
        runtime, is_uneven = _runtime(form.fields, setting)
        title, zone = setting.words.say(self.title), setting.formats.zone.key
        return SchedulePage(title, form, zone, starts, ends, runtime, is_uneven)

    def part(self, name: str, form: Form, setting: Setting) -> str:
        """Give what the typed times stand for."""
        if name != "moments":
            raise NoSuchPart(name)
        return show_part("console/new/_moments.html", page=self.page(form, setting))


def time_refusals(fields: Fields, name: str, setting: Setting) -> Iterable[Refusal]:
    """Refuse a typed time that the zone does not have that day, or has twice."""
    text, say = fields.get(name, ""), setting.words.say
    if not text:
        return
    zone = setting.formats.zone
    match read_local(text, zone, fields.get(f"{name}_which", "")):
        case Skipped(following=following):
            sentence = say(
                "Clocks in {zone} skip this time that day. The next one is {time}.",
                zone=zone.key,
                time=f"{following:%Y-%m-%d %H:%M}",
            )
            yield Refusal(name, sentence)
        case Twice():
            sentence = say("This time comes twice that day, as clocks are put back. Say which.")
            yield Refusal(name, sentence)
        case Unreadable():
            yield Refusal(name, say("Write a day and a time, such as 2026-07-01T09:00."))
        case Exact():
            return


def _moment(fields: Fields, name: str, setting: Setting) -> datetime | None:
    which = fields.get(f"schedule.{name}_which", "")
    found = read_local(fields.get(f"schedule.{name}", ""), setting.formats.zone, which)
    return found.moment if isinstance(found, Exact) else None


def _written(fields: Fields, name: str, setting: Setting) -> str | None:
    moment = _moment(fields, name, setting)
    return moment.isoformat() if moment else fields.get(f"schedule.{name}") or None


def _shown(fields: Fields, name: str, setting: Setting) -> TimeShown:
    at, say, zone = f"schedule.{name}", setting.words.say, setting.formats.zone
    moment = _moment(fields, name, setting)
    utc = say("{time} in UTC", time=f"{moment:%Y-%m-%d %H:%M}") if moment else ""
    twice = read_local(fields.get(at, ""), zone)
    if not isinstance(twice, Twice):
        return TimeShown(at, utc, ())
    moments = (
        (
            Which.EARLIER.value,
            say("The earlier one, {time} in UTC", time=f"{twice.earlier:%H:%M}"),
        ),
        (Which.LATER.value, say("The later one, {time} in UTC", time=f"{twice.later:%H:%M}")),
    )
    return TimeShown(at, utc, moments)


def runtime_of(fields: Fields, setting: Setting) -> timedelta | None:
    """Give how long enrolment is open by the typed times, from now where no start is typed."""
    ends = _moment(fields, "ends", setting)
    starts = _moment(fields, "starts", setting)
    if ends is None:
        return None
    runtime = ends - max(starts or setting.now, setting.now).astimezone(UTC)
    return runtime if runtime > timedelta(0) else None


def _runtime(fields: Fields, setting: Setting) -> tuple[str, bool]:
    runtime, words = runtime_of(fields, setting), setting.words
    if runtime is None:
        return "", False
    days = round(runtime / timedelta(days=1))
    weeks, over = divmod(days, WEEK.days)
    if over or not weeks:
        return words.say_many(
            "It runs {count} day. Whole weeks compare better, as weekdays differ.",
            "It runs {count} days. Whole weeks compare better, as weekdays differ.",
            days,
            count=setting.formats.count(days).text,
        ), True
    return words.say_many(
        "It runs {count} whole week, so that every weekday counts alike.",
        "It runs {count} whole weeks, so that every weekday counts alike.",
        weeks,
        count=setting.formats.count(weeks).text,
    ), False
