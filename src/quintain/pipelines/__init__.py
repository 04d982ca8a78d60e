"""Kedro pipelines; each folder holds nodes.py, pipeline.py and README.md."""
