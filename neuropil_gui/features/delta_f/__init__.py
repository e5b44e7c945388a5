"""Relative fluorescence changes: how the baseline is asked for."""
