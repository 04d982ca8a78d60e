"""Kedro hooks: lifecycle, preflight, tracking, stage times, brief errors."""
