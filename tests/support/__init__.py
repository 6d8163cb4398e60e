"""Shared by several test modules: files, generated cables, runners, strategies. Nothing here is a test."""
