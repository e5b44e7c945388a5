"""Panels of the main view: cells, settings, traces, mixing plot, convergence plot, numbers, run bar."""
