"""Similarity and token tools."""
