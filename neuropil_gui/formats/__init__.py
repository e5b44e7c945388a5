"""Readers and writers: files on disk to recordings and back, one module a format; no Qt."""
