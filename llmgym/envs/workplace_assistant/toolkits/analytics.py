"""Website analytics: counts a day, and plots."""

from __future__ import annotations

from typing import Any

from llmgym.verifiers.tables import Table

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
        return {day: len(visits) for day, visits in self._by_day(time_min, time_max).items()}

    def engaged_users_count(self, time_min: Any = None, time_max: Any = None) -> dict[str, int]:
        """Return the number of engaged users a day."""
        place = self.visits.columns.index("user_engaged")
        return {
            day: sum(int(visit[place]) for visit in visits) for day, visits in self._by_day(time_min, time_max).items()
        }

    def traffic_source_count(
        self, time_min: Any = None, time_max: Any = None, traffic_source: Any = None
    ) -> dict[str, int]:
        """Return the number of visits a day from a source, days without one included, or from all sources."""
        if not traffic_source:
            return self.total_visits_count(time_min, time_max)
        place = self.visits.columns.index("traffic_source")
        return {
            day: sum(visit[place] == traffic_source for visit in visits)
            for day, visits in self._by_day(time_min, time_max).items()
        }

    def get_average_session_duration(self, time_min: Any = None, time_max: Any = None) -> dict[str, float]:
        """Return the mean duration of a session a day, in seconds.

        Without any date the public tool works on its own table: from then on its durations are numbers, not text.
        """
        place = self.visits.columns.index("session_duration_seconds")
        means = {}
        for day, visits in self._by_day(time_min, time_max).items():
            seconds = [float(visit[place]) for visit in visits]
            means[day] = sum(seconds) / len(seconds)
        if not time_min and not time_max:
            rows = [(*row[:place], float(row[place]), *row[place + 1 :]) for row in self.visits.rows]
            self.visits = Table(self.visits.columns, rows, self.visits.given_labels)
        return means

    def _by_day(self, time_min: Any, time_max: Any) -> dict[str, list[tuple[Any, ...]]]:
        """Return the visits of each day, the first day first; dates are compared as text."""
        place = self.visits.columns.index("date_of_visit")
        rows = self.visits.rows
        if time_min:
            rows = [row for row in rows if row[place] >= _bound(time_min, ">=")]
        if time_max:
            rows = [row for row in rows if row[place] <= _bound(time_max, "<=")]
        days: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            days.setdefault(row[place], []).append(row)
        return dict(sorted(days.items()))


def _bound(value: Any, operator: str) -> Any:
    if not isinstance(value, str):
        raise TypeError(f"'{operator}' not supported between instances of 'str' and '{type(value).__name__}'")
    return value
