"""Render the demo's speech to 8 kHz mu-law, once, on a machine that has espeak-ng and sox.

    python -m mirror_saas.demo.render_audio

Neither program is needed to run the product or its demo: what they made is kept in ``mirror_saas/demo/audio``. Lines
that are there already are left alone; recordings no line asks for any more are removed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from calls.simulate.g711 import BYTES_PER_MS, FRAME_BYTES, FRAME_MS, SILENCE, loudness
from calls.simulate.scenario import AgentLine, load_scenarios
from calls.simulate.voice import Voice, recording_name, words_of

DEMO = Path(__file__).resolve().parent.parent / "mirror_saas" / "demo"
AUDIO = DEMO / "audio"
VOICES: dict[Voice, list[str]] = {"agent": ["-v", "en-us+f3", "-p", "52"], "caller": ["-v", "en-gb+m3", "-p", "38"]}
LINE_WPM, WORD_WPM = 215, 260  # a word by itself is spoken slower than in a line
LONGEST_PAUSE_MS = 160  # well below the quiet that ends a caller's line
SILENT = 60


def main() -> int:
    if not (shutil.which("espeak-ng") and shutil.which("sox")):
        sys.stderr.write("needs espeak-ng and sox\n")
        return 1
    AUDIO.mkdir(exist_ok=True)
    wanted = {recording_name(text, voice): (text, voice) for voice, text in lines() if text}
    for path in AUDIO.glob("*.ulaw"):
        if path.name not in wanted and path.name != "words.ulaw":
            path.unlink()
    for name, (text, voice) in wanted.items():
        if not (AUDIO / name).exists():
            (AUDIO / name).write_bytes(render(text, voice))
    render_words(sorted(vocabulary()))
    (AUDIO / "extra.json").write_text(json.dumps(extra_lines(), indent=1) + "\n", encoding="utf-8")
    sizes = [path.stat().st_size for path in AUDIO.iterdir()]
    print(f"{len(wanted)} lines, {sum(sizes) / 1e6:.2f} MB in all")
    return 0


def lines() -> Iterable[tuple[Voice, str]]:
    for scenario in load_scenarios(DEMO / "scenarios").values():
        for step in scenario.steps():
            if isinstance(step, AgentLine):
                yield "agent", step.text
            else:
                yield "caller", step.text
    for text in extra_lines():
        yield "agent", text


def extra_lines() -> list[str]:
    """What an agent says that is in no script, such as the buffer line."""
    return (DEMO / "spoken.txt").read_text(encoding="utf-8").splitlines()


def vocabulary() -> set[str]:
    """Words that joined speech can use: those of the agents' lines, and a list of likely others."""
    texts = [text for voice, text in lines() if voice == "agent"]
    texts.append((DEMO / "words.txt").read_text(encoding="utf-8"))
    return {word for text in texts for word in words_of(text) if word[0].isalnum()}


def render_words(words: list[str]) -> None:
    bank, index = bytearray(), {}
    for word in words:
        audio = render(word, "agent", WORD_WPM)
        index[word] = [len(bank), len(audio)]
        bank += audio
    (AUDIO / "words.ulaw").write_bytes(bytes(bank))
    (AUDIO / "words.json").write_text(json.dumps(index, indent=0, sort_keys=True) + "\n", encoding="utf-8")


def render(text: str, voice: Voice, words_per_minute: int = LINE_WPM) -> bytes:
    spoken = pipe(["espeak-ng", *VOICES[voice], "-s", str(words_per_minute), "--stdout", text])
    mulaw = ["-t", "raw", "-r", "8000", "-c", "1", "-e", "mu-law", "-"]
    return shorten(pipe(["sox", "-t", "wav", "-", *mulaw, "gain", "-n", "-4"], spoken))


def pipe(command: list[str], given: bytes = b"") -> bytes:
    return subprocess.run(command, input=given, check=True, capture_output=True).stdout  # noqa: S603 - our own words


def shorten(audio: bytes) -> bytes:
    """Cut silence at both ends, and pauses inside to the longest allowed."""
    step = FRAME_BYTES // 2
    pieces = [audio[start : start + step] for start in range(0, len(audio), step)]
    while pieces and loudness(pieces[0]) < SILENT:
        pieces.pop(0)
    while pieces and loudness(pieces[-1]) < SILENT:
        pieces.pop()
    kept, quiet = [], 0
    for piece in pieces:
        quiet = quiet + 1 if loudness(piece) < SILENT else 0
        if quiet * FRAME_MS // 2 <= LONGEST_PAUSE_MS:
            kept.append(piece)
    joined = b"".join(kept)
    return joined + SILENCE * (-len(joined) % BYTES_PER_MS)


if __name__ == "__main__":
    sys.exit(main())
