"""Kedro datasets: records, Hugging Face model folders, model references."""
