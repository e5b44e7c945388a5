"""Signals, their separation and its numbers: numpy, scipy and scikit-learn, no Qt."""
