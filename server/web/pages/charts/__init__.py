"""Charts that the server draws: bars (also stacked) and lines. `macros/chart.html` writes them down as SVG."""

from server.web.pages.charts.drawing import bar_chart, line_chart
from server.web.pages.charts.values import TONES, Chart, Series

__all__ = ["TONES", "Chart", "Series", "bar_chart", "line_chart"]
