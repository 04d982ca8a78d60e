"""Kedro hooks: lifecycle, parameter names, tracking, stage times, brief errors."""
