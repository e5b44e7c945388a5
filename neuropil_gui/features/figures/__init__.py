"""Figures: what is asked before one is written."""
