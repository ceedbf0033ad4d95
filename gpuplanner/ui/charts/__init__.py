"""Charts. pyqtgraph is imported in :mod:`gpuplanner.ui.charts.pg` alone, and only once a chart is first needed."""
