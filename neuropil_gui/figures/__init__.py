"""Figures of a result by matplotlib, for the window and for notebooks; matplotlib is imported only here."""
