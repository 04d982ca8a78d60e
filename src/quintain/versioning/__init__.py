"""DVC: dvc.yaml generated from the Kedro registry."""
