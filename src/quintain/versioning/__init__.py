"""DVC: dvc.yaml generated from the Kedro registry, so that it cannot drift from the pipelines."""
