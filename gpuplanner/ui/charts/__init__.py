"""Charts. pyqtgraph is imported in :mod:`gpuplanner.ui.charts.pg` alone, and only by pages that are first opened later."""
