"""What a process fetches goes when it ends."""

import subprocess
import sys
from pathlib import Path


def test_a_scratch_folder_goes_with_its_process():
    script = (
        "from quintain.registry.scratch import scratch_folder\n"
        "folder = scratch_folder('weights'); (folder / 'file').write_text('x'); print(folder)"
    )
    made = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip()
    assert "quintain-weights-" in made
    assert not Path(made).exists()
