"""Kedro hooks: lifecycle, tracking, stage times, brief errors."""
