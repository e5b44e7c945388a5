"""Handing results on: what is asked before they are written."""
