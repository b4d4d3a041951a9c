"""Website analytics: counts a day, and plots."""

from __future__ import annotations

from typing import Any

from llmgym.verifiers.tables import Table, is_missing

__all__ = ["AnalyticsTool", "PLOT_TYPES", "PLOT_VALUES"]

PLOT_VALUES = (
    "total_visits",
    "session_duration_seconds",
    "user_engaged",
    "visits_direct",
    "visits_referral",
    "visits_search_engine",
    "visits_social_media",
)
"""What can be plotted."""

PLOT_TYPES = ("bar", "line", "scatter", "histogram")
"""How it can be plotted."""


class AnalyticsTool:
    """The visits of the company's website, and the plots that were made of them.

    Args:
        visits: The table of visits.
    """

    def __init__(self, visits: Table):
        self.visits = visits
        self.plots = Table(("file_path",))

    def get_visitor_information_by_id(self, visitor_id: Any = None) -> Any:
        """Return the visits of a visitor."""
        if not visitor_id:
            return "Visitor ID not provided."
        return self.visits.records(self.visits.equal("visitor_id", visitor_id)) or "Visitor not found."

    def create_plot(
        self, time_min: Any = None, time_max: Any = None, value_to_plot: Any = None, plot_type: Any = None
    ) -> str:
        """Note a plot and return its path."""
        if not time_min:
            return "Start date not provided."
        if not time_max:
            return "End date not provided."
        if value_to_plot not in PLOT_VALUES:
            return f"Value to plot must be one of {', '.join(map(repr, PLOT_VALUES))}"
        if plot_type not in PLOT_TYPES:
            return "Plot type must be one of 'bar', 'line', 'scatter', or 'histogram'"
        path = f"plots/{time_min}_{time_max}_{value_to_plot}_{plot_type}.png"
        self.plots = self.plots.appended({"file_path": path})
        return path

    def total_visits_count(self, time_min: Any = None, time_max: Any = None) -> dict[str, int]:
        """Return the number of visits a day."""
        visits = self._between(time_min, time_max)
        return {day: len(ones) for day, ones in _by_day(visits, [1] * len(visits)).items()}

    def engaged_users_count(self, time_min: Any = None, time_max: Any = None) -> dict[str, int]:
        """Return the number of engaged users a day."""
        visits = self._between(time_min, time_max)
        return {
            day: sum(map(int, engaged))
            for day, engaged in _by_day(visits, visits.column("user_engaged")).items()
        }

    def traffic_source_count(
        self, time_min: Any = None, time_max: Any = None, traffic_source: Any = None
    ) -> dict[str, int]:
        """Return the number of visits a day from a source, days without one included, or from all sources."""
        if not traffic_source:
            return self.total_visits_count(time_min, time_max)
        visits = self._between(time_min, time_max)
        return {
            day: sum(same)
            for day, same in _by_day(visits, visits.equal("traffic_source", traffic_source)).items()
        }

    def get_average_session_duration(self, time_min: Any = None, time_max: Any = None) -> dict[str, float]:
        """Return the mean duration of a session a day, in seconds.

        Without any date the public tool works on its own table: from then on its durations are numbers, not text.
        """
        visits = self._between(time_min, time_max)
        seconds = [float(duration) for duration in visits.column("session_duration_seconds")]
        if not time_min and not time_max:
            place = visits.columns.index("session_duration_seconds")
            rows = [
                (*row[:place], duration, *row[place + 1 :])
                for row, duration in zip(visits.rows, seconds, strict=True)
            ]
            self.visits = Table(visits.columns, rows, visits.given_labels)
        return {day: sum(durations) / len(durations) for day, durations in _by_day(visits, seconds).items()}

    def _between(self, time_min: Any, time_max: Any) -> Table:
        """Return the visits of a range of days, which are compared as text."""
        visits = self.visits
        if time_min:
            visits = visits.kept(visits.compared("date_of_visit", ">=", time_min))
        if time_max:
            visits = visits.kept(visits.compared("date_of_visit", "<=", time_max))
        return visits


def _by_day(visits: Table, values: list[Any]) -> dict[str, list[Any]]:
    """Return the values, one for each visit, by the day of the visit, the first day first."""
    days: dict[str, list[Any]] = {}
    for day, value in zip(visits.column("date_of_visit"), values, strict=True):
        if not is_missing(day):
            days.setdefault(day, []).append(value)
    return dict(sorted(days.items()))
